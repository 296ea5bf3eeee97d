"""A panel that was counted elsewhere: what is read, what is refused, and what each kind becomes."""

import numpy as np
import pandas as pd
import pytest

from contextcheck.errors import InputError, SettingsError
from contextcheck.load.panel_file import load_panel
from contextcheck.settings import Settings


def _rows() -> pd.DataFrame:
    days = pd.date_range("2026-01-01", periods=4).strftime("%Y-%m-%d")
    rate = pd.DataFrame({"date": days, "region": "Nordics", "metric": "late", "events": [1, 2, 0, 3], "exposure": 10})
    plain = pd.DataFrame({"date": days, "region": "KR", "metric": "tickets", "events": [5, 0, 6, 7]})
    mean = pd.DataFrame({"date": days, "region": "KR", "metric": "basket", "events": 2, "value_sum": [4.0, 6, 8, 10]})
    return pd.concat([rate, plain, mean], ignore_index=True)


def _read(tmp_path, text_or_frame, **options):
    path = tmp_path / "panel.csv"
    if isinstance(text_or_frame, str):
        path.write_text(text_or_frame, encoding="utf-8")
    else:
        text_or_frame.to_csv(path, index=False)
    return load_panel(Settings(), str(path), {}, progress=lambda _: None, **options)


def _codes(error) -> list[str]:
    return [problem.code for problem in error.value.problems]


def test_kinds_are_told_from_the_columns_that_are_filled(tmp_path):
    panel = _read(tmp_path, _rows()).panel
    assert {each: metric.kind for each, metric in panel.metrics.items()} == {
        "late": "rate",
        "tickets": "count",
        "basket": "mean",
    }
    late = panel.series("Nordics", "late")
    assert late["events"].tolist() == [1, 2, 0, 3]
    assert late["exposure"].tolist() == [10, 10, 10, 10]
    assert panel.series("KR", "tickets")["exposure"].tolist() == [1, 1, 1, 1]
    basket = panel.series("KR", "basket")
    assert basket["exposure"].tolist() == [2, 2, 2, 2]
    assert basket["value_sum"].tolist() == [4, 6, 8, 10]
    # two values with a sum of 4 and a spread as wide as their mean: 2 · (2² + 2²) = 2 · 4² / 2 = 16
    assert basket["value_sumsq"].iloc[0] == 16
    assert str(panel.as_of) == "2026-01-04"


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
def test_other_file_formats_give_the_same_panel(tmp_path, kind):
    rows = _rows()
    expected = _read(tmp_path, rows).panel
    path = tmp_path / f"panel.{kind}"
    if kind == "parquet":
        rows.assign(date=pd.to_datetime(rows["date"])).to_parquet(path, index=False)
    else:
        rows.to_json(path, orient="records", lines=True)
    panel = load_panel(Settings(), str(path), {}, progress=lambda _: None).panel
    pd.testing.assert_frame_equal(panel.daily, expected.daily)


def test_headers_in_any_case_and_numbers_in_another_style(tmp_path):
    text = "Day;Market;Metric;Events;Exposure\n2026-01-01;KR;late;1;1.234,5\n2026-01-02;KR;late;2;2.000,0\n"
    panel = _read(tmp_path, text).panel
    assert panel.series("KR", "late")["exposure"].tolist() == [1234.5, 2000.0]


def test_segment_columns_are_passed_over_with_a_note(tmp_path):
    problems = _read(tmp_path, _rows().assign(channel="app")).panel.problems
    assert [each.code for each in problems if "channel" in each.message] == ["PN310"]


def test_segments_that_repeat_a_day_are_refused_with_the_remedy(tmp_path):
    rows = _rows()
    both = pd.concat([rows.assign(channel="app"), rows.assign(channel="web")])
    with pytest.raises(InputError, match="add up the rows over channel") as error:
        _read(tmp_path, both)
    assert _codes(error) == ["PN305"]


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (lambda rows: rows.drop(columns="region"), "PN301", "region missing; found date, metric"),
        (lambda rows: rows.assign(events=rows["events"] * 20), "PN304", "late in Nordics on 2026-01-01: 20 of 10"),
        (lambda rows: rows.assign(events=rows["events"] - 1), "PN304", "negative events in 2 rows (row 3, 6"),
        (lambda rows: pd.concat([rows, rows.head(1)]), "PN305", "late in Nordics on 2026-01-01"),
        (lambda rows: rows.assign(date="soon"), "PN303", "12 of 12 rows"),
        (lambda rows: rows.assign(date=rows["date"].str.replace("-01-0", "-0") + "-01"), "PN306", "31 days apart"),
    ],
)
def test_bad_panels_are_refused_with_place_and_example(tmp_path, change, code, said):
    with pytest.raises(InputError) as error:
        _read(tmp_path, change(_rows()))
    assert code in _codes(error)
    assert said in str(error.value)


def test_header_only_is_refused(tmp_path):
    with pytest.raises(InputError, match="header and no rows"):
        _read(tmp_path, "date,region,metric,events\n")


def test_a_missing_day_is_said_and_not_taken_for_zero(tmp_path):
    rows = _rows()
    found = _read(tmp_path, rows.drop(index=5)).panel
    assert any(each.code == "PN308" and "tickets in KR" in each.message for each in found.problems)
    assert len(found.series("KR", "tickets")) == 3


def test_one_unreadable_row_among_many_is_left_out_and_said(tmp_path):
    days = pd.date_range("2026-01-01", periods=40).strftime("%Y-%m-%d").tolist()
    rows = pd.DataFrame({"date": days, "region": "KR", "metric": "tickets", "events": "3"})
    rows.loc[7, "events"] = "many"
    panel = _read(tmp_path, rows).panel
    assert len(panel.daily) == 39
    assert any(each.code == "PN303" and "(row 8)" in each.message for each in panel.problems)


def test_nothing_before_as_of_is_a_usage_error(tmp_path):
    with pytest.raises(SettingsError, match="no row on or before 2025-01-01"):
        _read(tmp_path, _rows(), as_of=pd.Timestamp("2025-01-01").date())


def test_weeks_by_their_iso_name(tmp_path):
    weeks = [f"2026-W{week:02d}" for week in range(2, 10)]
    rows = pd.DataFrame({"week": weeks, "region": "KR", "metric": "cases", "events": np.arange(8)})
    panel = _read(tmp_path, rows).panel
    # the Monday of the second ISO week of 2026 is 5 January
    assert str(panel.daily["day"].min().date()) == "2026-01-05"
    assert not [each for each in panel.problems if each.code == "PN308"]
