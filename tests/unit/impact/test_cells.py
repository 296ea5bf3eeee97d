"""Some days and regions of a table of numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from contextcheck.impact.comparison import cells


def test_cells_are_those_of_the_table_and_missing_ones_are_named() -> None:
    table = pd.DataFrame(
        np.arange(12.0).reshape(4, 3), index=pd.date_range("2026-01-05", periods=4), columns=list("CAB")
    )
    days = table.index[[3, 1]]
    assert cells(table, days, ["B", "C"]).tolist() == table.loc[days, ["B", "C"]].to_numpy().tolist()
    with pytest.raises(KeyError, match="2026-02-01"):
        cells(table, pd.DatetimeIndex(["2026-01-05", "2026-02-01"]), ["A"])
    with pytest.raises(KeyError, match="D"):
        cells(table, days, ["D"])
