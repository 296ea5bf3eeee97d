"""Days an entry can hold on, against dates known from calendars outside this code."""

from datetime import date, timedelta

import pytest
from dateutil.easter import easter

from contextcheck.knowledge.calendars import read_calendars
from contextcheck.knowledge.dates import days_of, holiday_problem, uncertain_days
from contextcheck.knowledge.day_rules import without_margin
from contextcheck.knowledge.entries import When
from contextcheck.knowledge.source_files import layers_of
from contextcheck.records import Launch
from contextcheck.settings import Settings

YEARS = (date(2023, 1, 1), date(2027, 12, 31))


def days(when: When, region: str, first: date = YEARS[0], last: date = YEARS[1], launches=()) -> list[date]:
    return sorted(days_of(when, region, first, last, launches))


@pytest.mark.parametrize(
    ("region", "name", "known"),
    [
        # timeanddate.com and the Korea Astronomy and Space Science Institute
        ("KR", "Chuseok", ["2024-09-17", "2025-10-06", "2026-09-25"]),
        ("KR", "Korean New Year", ["2024-02-10", "2025-01-29", "2026-02-17"]),
        # Government of India, list of gazetted holidays
        ("IN", "Diwali", ["2024-10-31", "2025-10-20", "2026-11-08"]),
        ("CN", "Chinese New Year", ["2024-02-10", "2025-01-29", "2026-02-17"]),
        ("DE", "Easter Monday", ["2024-04-01", "2025-04-21", "2026-04-06"]),
    ],
)
def test_movable_feasts_fall_on_their_published_dates(region: str, name: str, known: list[str]) -> None:
    found = days(When("holiday", (name,)), region)
    for text in known:
        assert date.fromisoformat(text) in found


def test_golden_week_is_a_span_of_days_every_year() -> None:
    found = days(When("dates", ("04-29..05-05",)), "JP", date(2026, 4, 1), date(2026, 5, 31))
    assert (found[0], found[-1], len(found)) == (date(2026, 4, 29), date(2026, 5, 5), 7)


def test_black_friday_is_the_day_after_the_fourth_thursday_of_november() -> None:
    found = days(When("dates", ("4th thu of november +1",)), "US")
    assert found == [date(2023, 11, 24), date(2024, 11, 29), date(2025, 11, 28), date(2026, 11, 27), date(2027, 11, 26)]


def test_a_span_over_new_year_is_found_from_both_sides() -> None:
    found = days(When("dates", ("12-30..01-02",)), "US", date(2026, 1, 1), date(2026, 12, 31))
    assert found == [date(2026, 1, 1), date(2026, 1, 2), date(2026, 12, 30), date(2026, 12, 31)]


def test_margins_widen_a_date_on_both_sides_even_when_the_date_lies_outside() -> None:
    when = When("dates", ("2026-05-10",), before_days=2, after_days=3)
    found = days(when, "KR", date(2026, 5, 12), date(2026, 5, 20))
    assert found == [date(2026, 5, 12), date(2026, 5, 13)]
    assert days(when, "KR", date(2026, 5, 1), date(2026, 5, 8)) == [date(2026, 5, 8)]


def test_paydays_are_cut_to_the_length_of_the_month() -> None:
    found = days(When("payday", ("last", "31")), "IN", date(2026, 2, 1), date(2026, 3, 31))
    assert found == [date(2026, 2, 28), date(2026, 3, 31)]


def test_weekdays_are_named_in_english() -> None:
    # 5 October 2026 is a Monday
    found = days(When("weekday", ("mon",)), "IN", date(2026, 10, 1), date(2026, 10, 14))
    assert found == [date(2026, 10, 5), date(2026, 10, 12)]


def test_a_launch_counts_only_in_its_regions_and_while_it_is_live() -> None:
    launch = Launch("bar", ("KR", "US"), date(2026, 3, 2), date(2026, 3, 4))
    month = (date(2026, 3, 1), date(2026, 3, 31))
    assert days(When("after_launch", ("any",)), "KR", *month, [launch]) == [date(2026, 3, d) for d in (2, 3, 4)]
    assert days(When("after_launch", ("bar",)), "US-CA", *month, [launch]) == [date(2026, 3, d) for d in (2, 3, 4)]
    assert days(When("after_launch", ("other",)), "KR", *month, [launch]) == []
    assert days(When("after_launch", ("any",)), "JP", *month, [launch]) == []
    assert days(When("after_launch", ("any",), after_days=1), "KR", *month, [launch]) == [
        date(2026, 3, 2),
        date(2026, 3, 3),
    ]


def test_an_unknown_holiday_is_answered_with_the_nearest_known_name() -> None:
    assert holiday_problem("Chuseok", "KR", 2026) == ""
    assert 'did you mean "Chuseok"' in holiday_problem("Chusok", "KR", 2026)


def test_a_market_without_a_calendar_has_no_holidays_and_says_so() -> None:
    assert days(When("holiday", ("any",)), "XX") == []
    assert "no public holidays are known for XX" in holiday_problem("Easter", "XX", 2026)


def shipped_calendar(name: str) -> tuple[str, ...]:
    files = [source for layer in layers_of(Settings()) for source in layer.region_files("_calendars")]
    return read_calendars(files, [])[name].days


def test_shipped_feasts_agree_with_the_public_holidays_of_a_market_that_keeps_them() -> None:
    # Saudi Arabia's public holidays in the holidays package hold the feast days of every year
    for calendar, name in (("eid-al-fitr", "Eid al-Fitr"), ("eid-al-adha", "Eid al-Adha")):
        public = days_of(When("holiday", (name,)), "SA", date(2023, 1, 1), date(2028, 12, 31), ())
        exact = tuple(without_margin(text) for text in shipped_calendar(calendar))
        shipped = days_of(When("dates", exact), "SA", date(2023, 1, 1), date(2028, 12, 31), ())
        assert len(shipped) == 18
        assert shipped <= public


def test_ramadan_ends_the_day_before_the_feast() -> None:
    last_days = [date.fromisoformat(without_margin(text).partition("..")[2]) for text in shipped_calendar("ramadan")]
    first_feast_days = [date.fromisoformat(text.partition("..")[0]) for text in shipped_calendar("eid-al-fitr")]
    assert [(feast - last).days for last, feast in zip(last_days, first_feast_days, strict=True)] == [1] * 6


def test_carnival_tuesday_lies_47_days_before_easter_sunday() -> None:
    carnivals = days_of(When("dates", shipped_calendar("br-carnival")), "BR", date(2023, 1, 1), date(2028, 12, 31), ())
    for year in range(2023, 2029):
        assert easter(year) - timedelta(days=47) in carnivals


def test_french_sales_start_on_the_wednesdays_of_the_rule() -> None:
    # winter: second Wednesday of January, the first when the second falls after the 12th; summer: last Wednesday of
    # June, a week earlier when it falls after the 28th (former article D310-15-2)
    starts = [date.fromisoformat(text.partition("..")[0]) for text in shipped_calendar("fr-soldes")]
    expected = []
    for year in range(2023, 2029):
        second = next(date(year, 1, d) for d in range(8, 15) if date(year, 1, d).weekday() == 2)
        expected.append(second if second.day <= 12 else second - timedelta(days=7))
        final = next(date(year, 6, d) for d in range(30, 23, -1) if date(year, 6, d).weekday() == 2)
        expected.append(final if final.day <= 28 else final - timedelta(days=7))
    assert starts == expected


def test_an_estimated_day_is_widened_on_both_sides_and_said() -> None:
    when = When("dates", ("2027-03-09..2027-03-11 ±1",), before_days=2, after_days=0)
    found = days(when, "AE", date(2027, 3, 1), date(2027, 3, 31))
    # 9 March less 2 days before less 1 day of doubt, 11 March and 1 day of doubt
    assert (found[0], found[-1], len(found)) == (date(2027, 3, 6), date(2027, 3, 12), 7)
    unsure = uncertain_days(when, "AE", date(2027, 3, 1), date(2027, 3, 31))
    assert unsure is not None and unsure.margin_days == 1
    assert sorted(unsure.only_by_margin) == [date(2027, 3, 6), date(2027, 3, 12)]


def test_a_known_day_is_not_unsure_and_speaks_where_an_estimated_one_overlaps() -> None:
    known = When("dates", ("2026-03-20..2026-03-22",))
    assert uncertain_days(known, "AE", date(2026, 3, 1), date(2026, 3, 31)) is None
    both = When("dates", ("2027-03-09", "2027-03-10 +-1"))
    unsure = uncertain_days(both, "AE", date(2027, 3, 1), date(2027, 3, 31))
    assert unsure is not None and sorted(unsure.days) == [date(2027, 3, 10), date(2027, 3, 11)]


def test_a_public_holiday_that_is_only_computed_is_unsure() -> None:
    # the package writes "(estimated)" behind the feasts of 2027
    when = When("holiday", ("Eid al-Fitr",))
    unsure = uncertain_days(when, "ID", date(2027, 3, 1), date(2027, 3, 31))
    assert unsure is not None and date(2027, 3, 10) in unsure.days - unsure.only_by_margin
    assert uncertain_days(when, "ID", date(2025, 3, 1), date(2025, 4, 30)) is None


def test_the_shipped_calendars_cover_six_years_with_certainty_and_source() -> None:
    problems: list = []
    calendars = read_calendars(layers_of(Settings())[0].region_files("_calendars"), problems)
    assert problems == [] and all(each.source for each in calendars.values())
    wanted = {
        *("double-days", "singles-day", "cn-1111", "cn-618", "black-friday", "cyber-monday", "mx-buen-fin"),
        *("ar-hot-sale", "fr-soldes", "jp-golden-week", "chuseok", "seollal", "lunar-new-year", "ramadan"),
        *("eid-al-fitr", "eid-al-adha", "diwali", "payday-25th", "boxing-day-sales", "summer-closures"),
    }
    assert wanted <= set(calendars)
    for name in wanted:
        when = When("dates", calendars[name].days)
        for year in range(2023, 2029):
            assert days_of(when, "KR", date(year, 1, 1), date(year, 12, 31), ()), (name, year)
    # coming feasts of the moon are estimated, past ones are known
    ramadan = When("dates", calendars["ramadan"].days)
    assert uncertain_days(ramadan, "AE", date(2028, 1, 1), date(2028, 12, 31)) is not None
    assert uncertain_days(ramadan, "AE", date(2026, 1, 1), date(2026, 12, 31)) is None


def test_computed_feasts_agree_with_the_public_holidays_of_their_markets() -> None:
    for calendar, region, name in (
        ("seollal", "KR", "Korean New Year"),
        ("chuseok", "KR", "Chuseok"),
        ("diwali", "IN", "Diwali"),
        ("lunar-new-year", "VN", "Lunar New Year"),
    ):
        public = days_of(When("holiday", (name,)), region, date(2023, 1, 1), date(2028, 12, 31), ())
        exact = tuple(without_margin(text) for text in shipped_calendar(calendar))
        assert len(exact) == 6 and days_of(When("dates", exact), region, *YEARS, ()) <= public, calendar
