"""Days behind a flag on which its metric can be judged, and launches that have no days yet."""

from datetime import date
from types import SimpleNamespace

import pandas as pd

from contextcheck.panel.reference import Reference
from contextcheck.records import Launch, Window
from contextcheck.weighing import _calm_days, days_since, split_of


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


def test_a_launch_that_is_planned_for_later_has_no_split() -> None:
    launch = Launch("bar", ("JP",), date(2026, 4, 13))
    # nothing of the study but its regions is looked at
    done = SimpleNamespace(panel=SimpleNamespace(regions=("JP",)))
    window = days_since(launch, date(2026, 4, 5))
    assert split_of(done, launch, "JP", window, Reference(None, (), {})) is None  # type: ignore[arg-type]
