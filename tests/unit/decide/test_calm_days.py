"""Days behind a flag on which its metric can be judged."""

from datetime import date
from types import SimpleNamespace

import pandas as pd

from contextcheck.records import Window
from contextcheck.weighing import _calm_days


def test_only_complete_and_mature_days_behind_the_flag_count() -> None:
    days = pd.date_range("2026-03-01", periods=6)
    rows = pd.DataFrame(
        {"is_complete": [True] * 5 + [False], "is_mature": [True, True, True, True, False, False]}, index=days
    )
    panel = SimpleNamespace(metrics={"cancel_rate": None}, series=lambda region, metric: rows)
    flag = SimpleNamespace(metric="cancel_rate", region="KR", window=Window(date(2026, 3, 1), date(2026, 3, 2)))
    assert _calm_days(panel, flag) == 2  # type: ignore[arg-type]
    assert _calm_days(panel, None) == 0  # type: ignore[arg-type]
    other = SimpleNamespace(metric="gone", region="KR", window=flag.window)
    assert _calm_days(panel, other) == 0  # type: ignore[arg-type]
