"""The dates of a panel that was counted elsewhere: slips are set aside, or repaired, by name."""

from __future__ import annotations

import pandas as pd
import pytest

from contextcheck.errors import InputError
from contextcheck.load.panel_file import load_panel
from contextcheck.panel.baseline_grid import build_grid
from contextcheck.panel.long_table import panel_of_table
from contextcheck.settings import Settings

REGIONS = ("DE", "KR", "US")
MONDAY = "2026-01-05"


def _rows(periods: int = 60, freq: str = "D", first: str = MONDAY) -> pd.DataFrame:
    days = pd.date_range(first, periods=periods, freq=freq).strftime("%Y-%m-%d")
    return pd.concat(
        [
            pd.DataFrame({"date": days, "region": each, "metric": "late", "events": 3, "exposure": 50})
            for each in REGIONS
        ],
        ignore_index=True,
    )


def _weeks() -> pd.DataFrame:
    return _rows(30, "7D")


def _read(rows, **options):
    return panel_of_table(rows, {}, name="table", **options)


def _said(panel, code: str) -> list[str]:
    return [each.message for each in panel.problems if each.code == code]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("date", ["9999-12-31", "1677-12-31", "2262-01-01"])
def test_a_year_that_the_calendar_cannot_hold_is_no_readable_date(tmp_path, date, kind):
    rows = _rows()
    rows.loc[40, "date"] = date
    path = tmp_path / f"panel.{kind}"
    if kind == "csv":
        rows.to_csv(path, index=False)
    else:
        rows.assign(date=[pd.Timestamp(each).date() for each in rows["date"]]).to_parquet(path, index=False)
    panel = load_panel(Settings(), str(path), {}, progress=lambda _: None).panel
    assert "1 of 180 rows without a readable date" in _said(panel, "PN303")[0]
    assert "(row 41)" in _said(panel, "PN303")[0]
    assert len(panel.daily) == 179
    assert str(panel.as_of) == "2026-03-05"


def test_the_first_and_the_last_year_are_read():
    for date in ("1678-01-01", "2261-12-31"):
        assert str(_read(_rows(3).assign(date=date).drop_duplicates("region")).as_of) == date


@pytest.mark.parametrize("date", ["1970-01-01", "2025-07-09", "2062-03-01"])
def test_a_stray_date_is_set_aside_by_name(date):
    rows = _rows()
    rows.loc[70, "date"] = date
    panel = _read(rows)
    assert _said(panel, "PN311") == [
        f"1 row (row 71, such as late in KR on {date}) dated 180 days and more away from all the others; set aside: "
        "repair the dates, or say the last day with --as-of"
    ]
    assert len(build_grid(panel, {"late"}).days) == 60
    assert str(panel.as_of) == "2026-03-05"


def test_strays_on_both_sides_and_of_a_whole_date_are_set_aside():
    rows = _rows()
    rows.loc[rows["date"] == "2026-02-01", "date"] = "2062-02-01"
    rows.loc[3, "date"] = "1970-01-01"
    panel = _read(rows)
    assert "4 rows (row 4, 28, 88, …" in _said(panel, "PN311")[0]
    assert len(build_grid(panel, {"late"}).days) == 60


def test_a_metric_that_only_a_stray_has_is_no_defect():
    stray = pd.DataFrame({"date": ["2062-03-01"], "region": "XX", "metric": "early", "events": 1, "exposure": 9})
    panel = _read(pd.concat([_rows(), stray]))
    assert panel.regions == REGIONS
    assert build_grid(panel, {"late", "early"}).series == tuple((each, "late") for each in REGIONS)


def test_what_lies_apart_and_is_no_slip_stays():
    season, next_season = _rows(60), _rows(60, first="2026-11-01")
    assert not _said(_read(pd.concat([season, next_season])), "PN311")
    # a gap of 179 days
    near = _rows().assign(date=lambda rows: rows["date"].mask(rows.index == 179, "2026-08-31"))
    assert not _said(_read(near), "PN311")
    with pytest.raises(InputError, match="dates lie 365 days apart"):
        _read(_rows(6, "365D"))


def test_whoever_says_the_last_day_keeps_the_newest_rows_and_loses_no_stray_of_the_past():
    rows = _rows()
    rows.loc[59, "date"] = "2027-01-01"
    rows.loc[70, "date"] = "1970-01-01"
    panel = _read(rows, as_of=pd.Timestamp("2027-01-01").date())
    assert "1 row (row 71" in _said(panel, "PN311")[0]
    assert str(panel.daily["day"].max().date()) == "2027-01-01"


@pytest.mark.parametrize("shift", [-3, -1, 1, 3])
def test_a_week_dated_on_another_day_is_counted_to_the_nearest(shift):
    rows = _weeks()
    rows.loc[40, "date"] = str((pd.Timestamp(rows.loc[40, "date"]) + pd.Timedelta(days=shift)).date())
    panel = _read(rows)
    assert _said(panel, "PN312") == [
        f"1 row (row 41, such as late in KR on {rows.loc[40, 'date']}) not dated on a Monday like the other weeks; "
        "counted to the nearest one"
    ]
    assert not _said(panel, "PN308")
    assert build_grid(panel, {"late"}).is_weekly
    pd.testing.assert_frame_equal(panel.daily, _read(_weeks()).daily)


def test_a_region_that_dates_its_weeks_otherwise_is_refused():
    rows = _weeks()
    is_other = rows["region"] == "KR"
    sundays = (pd.to_datetime(rows["date"]) - pd.Timedelta(days=1)).dt.strftime("%Y-%m-%d")
    with pytest.raises(InputError) as error:
        _read(rows.assign(date=rows["date"].mask(is_other, sundays)))
    assert str(error.value) == (
        "table: PN306 30 rows (row 31, 32, 33, …, such as late in KR on 2026-01-04) not dated on a Monday like the "
        "other weeks, as most of its series; date every week by the same weekday"
    )


def test_a_day_among_weeks_is_refused_where_its_week_is_there():
    day = pd.DataFrame({"date": ["2026-01-14"], "region": "KR", "metric": "late", "events": 1, "exposure": 9})
    with pytest.raises(InputError, match=r"PN306 1 row \(row 91, .* on 2026-01-14\) .* has a row already"):
        _read(pd.concat([_weeks(), day]))


def test_weeks_on_sundays_are_weeks():
    panel = _read(_rows(30, "7D", first="2026-01-04"))
    assert panel.problems == ()
    assert build_grid(panel, {"late"}).is_weekly
