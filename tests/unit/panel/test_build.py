"""The panel: sums, calendar, completeness and maturity of small shops worked out by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.panel.shop import CANCELS, ORDERS, VALUE, by_id, orders_of, orders_of_frame

from contextcheck.errors import InputError, SettingsError
from contextcheck.knowledge.lines import Line
from contextcheck.knowledge.metrics import Metric, ValueChoice
from contextcheck.panel.build import build_panel
from contextcheck.panel.fold import bucket_minutes
from contextcheck.panel.table import PANEL_COLUMNS
from contextcheck.records import Money


def order(region: str, created_at: str, status: str = "paid", **more: Any) -> dict[str, Any]:
    return {"order_id": f"{region}{created_at}", "region": region, "created_at": created_at, "status": status, **more}


def hourly(region: str, first: str, hours: int) -> list[dict[str, Any]]:
    start = pd.Timestamp(first)
    return [order(region, str(start + pd.Timedelta(hours=i))) for i in range(hours)]


def counts(panel: Any, region: str, metric: str = "orders") -> dict[str, float]:
    rows = panel.series(region, metric)
    return {str(day.date()): events for day, events in rows["events"].items()}


def test_sums_worked_by_hand() -> None:
    # 1 March: 3 orders of 100, 50 and 30 (one cancelled after 1 h, one after 49 h, later than the 48 h horizon);
    # 2 March: none; 3 March: 1 order of 20, cancelled at a time that nobody wrote down: its status counts.
    rows = [
        order("KR", "2026-03-01 10:00", "cancelled", order_total=100.0, cancelled_at="2026-03-01 11:00"),
        order("KR", "2026-03-01 11:00", "cancelled", order_total=50.0, cancelled_at="2026-03-03 12:00"),
        order("KR", "2026-03-01 12:00", "paid", order_total=30.0, cancelled_at=None),
        order("KR", "2026-03-03 09:00", "partially_cancelled", order_total=20.0, cancelled_at=None),
    ]
    panel = build_panel(orders_of(rows, {}), by_id(ORDERS, CANCELS, VALUE), {})
    assert tuple(panel.daily.columns) == PANEL_COLUMNS
    assert panel.daily["metric"].tolist() == ["aov"] * 3 + ["cancel_rate"] * 3 + ["orders"] * 3
    assert counts(panel, "KR") == {"2026-03-01": 3, "2026-03-02": 0, "2026-03-03": 1}
    cancels = panel.series("KR", "cancel_rate")
    assert cancels["events"].tolist() == [1, 0, 1] and cancels["exposure"].tolist() == [3, 0, 1]
    value = panel.series("KR", "aov")
    assert value["value_sum"].tolist() == [180, 0, 20]
    # 100² + 50² + 30² = 13,400
    assert value["value_sumsq"].tolist() == [13_400, 0, 400] and value["exposure"].tolist() == [3, 0, 1]
    assert panel.series("KR", "orders")["exposure"].tolist() == [1, 1, 1]
    assert cancels["value_sum"].isna().all()


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", 23),  # clocks go forward: 2 to 3 o'clock is missing
        ("Europe/Berlin", "2026-10-25", 25),  # clocks go back: 2 to 3 o'clock comes twice
        ("America/Sao_Paulo", "2018-11-04", 23),  # midnight itself was skipped
        ("America/Sao_Paulo", "2018-02-17", 25),
        ("America/Sao_Paulo", "2026-11-01", 24),  # Brazil gave summer time up in 2019
        ("Pacific/Kiritimati", "2026-03-29", 24),
        ("Pacific/Pago_Pago", "2026-03-29", 24),
        ("Asia/Kathmandu", "2026-03-29", 24),
        ("Australia/Lord_Howe", "2026-04-05", 24),  # 24.5 hours, from 13:00 to 13:30 UTC: orders at 13:30 … 12:30
    ],
)
def test_a_local_day_has_the_hours_that_the_clock_there_shows(zone: str, day: str, hours: int) -> None:
    # one order at half past every UTC hour (so that offsets of 30 and 45 minutes matter), four days around the day
    start = pd.Timestamp(day) - pd.Timedelta(days=2)
    panel = build_panel(orders_of(hourly("XX", f"{start.date()} 00:30", 5 * 24), {"XX": zone}), by_id(ORDERS), {})
    assert counts(panel, "XX")[day] == hours


def test_one_instant_lies_on_different_days_at_both_ends_of_the_world() -> None:
    # 2026-03-10 10:30 UTC is 11 March 00:30 in Kiritimati (UTC+14) and 9 March 23:30 in Pago Pago (UTC-11)
    rows = [order("KI", "2026-03-10 10:30"), order("AS", "2026-03-10 10:30")]
    zones = {"KI": "Pacific/Kiritimati", "AS": "Pacific/Pago_Pago"}
    panel = build_panel(orders_of(rows, zones), by_id(ORDERS), {})
    assert counts(panel, "KI") == {"2026-03-11": 1}
    assert counts(panel, "AS") == {"2026-03-09": 1}


@pytest.mark.parametrize(
    ("zone", "clock", "minutes"),
    [
        ("Asia/Seoul", "UTC", 60),
        ("Asia/Kolkata", "UTC", 30),
        ("Asia/Kathmandu", "UTC", 15),
        ("Asia/Seoul", "Asia/Kolkata", 30),
        ("Asia/Kolkata", "Asia/Kolkata", 60),
        ("Asia/Kathmandu", "local", 60),
    ],
)
def test_buckets_are_as_coarse_as_the_zones_allow(zone: str, clock: str, minutes: int) -> None:
    assert bucket_minutes(orders_of(hourly("XX", "2026-03-01", 48), {"XX": zone}, clock)) == minutes


def test_times_on_a_naive_clock_of_london_are_read_like_the_orders_read_them() -> None:
    # 25 October 2026, 01:30 comes twice in London; the first reading is 00:30 UTC = 09:30 in Seoul
    rows = [order("KR", "2026-10-25 01:30"), order("KR", "2026-10-24 16:30"), order("KR", "2026-10-24 15:30")]
    orders = orders_of(rows, {"KR": "Asia/Seoul"}, "Europe/London")
    panel = build_panel(orders, by_id(ORDERS), {})
    # 24 October 15:30 in London (summer time) is 23:30 in Seoul, 16:30 is 00:30 on the 25th
    assert counts(panel, "KR") == {"2026-10-24": 1, "2026-10-25": 2}
    inside = orders.of_region_days("KR", date(2026, 10, 25), date(2026, 10, 25))
    assert inside.count().execute() == 2


def test_local_times_are_days_as_they_stand() -> None:
    rows = hourly("KR", "2026-03-01 00:00", 48) + hourly("US", "2026-03-01 00:00", 34)
    zones = {"KR": "Asia/Seoul", "US": "America/New_York"}
    panel = build_panel(orders_of(rows, zones, "local"), by_id(ORDERS), {})
    assert counts(panel, "US") == {"2026-03-01": 24, "2026-03-02": 10}
    # the data end at 3 March 00:00 in Seoul, which is 2 March 10:00 in New York: that day is not over
    assert panel.series("KR", "orders")["is_complete"].tolist()[-1]
    assert panel.series("US", "orders")["is_complete"].tolist() == [True, False]


def test_partial_first_and_last_days_are_marked_and_told() -> None:
    # hourly orders from 1 March 05:00 to 4 March 12:00
    panel = build_panel(orders_of(hourly("DE", "2026-03-01 05:00", 80), {}), by_id(ORDERS), {})
    assert panel.series("DE", "orders")["is_complete"].tolist() == [False, True, True, False]
    assert panel.as_of == date(2026, 3, 3)
    assert [problem.code for problem in panel.problems] == ["PN201"]
    assert "2 days (2026-03-01, 2026-03-04)" in panel.problems[0].message


def test_the_last_day_is_complete_when_the_next_order_would_come_after_midnight() -> None:
    # hourly orders, the last at 23:00: the next one is due at midnight
    panel = build_panel(orders_of(hourly("DE", "2026-03-01 00:00", 72), {}), by_id(ORDERS), {})
    assert panel.series("DE", "orders")["is_complete"].all()
    assert panel.as_of == date(2026, 3, 3)


def test_a_day_is_judged_only_when_its_last_order_is_older_than_the_horizon() -> None:
    # data until the end of 6 March; 48 hours before that, 4 March had just ended
    rows = [row | {"cancelled_at": None} for row in hourly("DE", "2026-03-01 00:00", 6 * 24)]
    panel = build_panel(orders_of(rows, {}), by_id(ORDERS, CANCELS), {})
    mature = panel.series("DE", "cancel_rate")["is_mature"]
    assert [str(day.date()) for day in mature[mature].index][-1] == "2026-03-04"
    assert panel.series("DE", "orders")["is_mature"].all()


def test_the_panel_of_an_earlier_day_ends_there() -> None:
    rows = [row | {"cancelled_at": None} for row in hourly("DE", "2026-03-01 00:00", 6 * 24)]
    panel = build_panel(orders_of(rows, {}), by_id(ORDERS, CANCELS), {}, as_of=date(2026, 3, 4))
    assert panel.as_of == date(2026, 3, 4)
    assert counts(panel, "DE") == {f"2026-03-0{day}": 24 for day in range(1, 5)}
    assert panel.series("DE", "cancel_rate")["is_mature"].tolist() == [True, True, False, False]


def test_a_day_before_the_data_is_refused() -> None:
    with pytest.raises(SettingsError, match="as_of: PN103 2026-01-01 lies before the first order"):
        build_panel(orders_of(hourly("DE", "2026-03-01", 24), {}), by_id(ORDERS), {}, as_of=date(2026, 1, 1))


def test_a_market_that_fell_silent_runs_on_to_the_end_of_the_data() -> None:
    rows = hourly("DE", "2026-03-01", 96) + hourly("FR", "2026-03-02", 24)
    panel = build_panel(orders_of(rows, {}), by_id(ORDERS), {})
    assert counts(panel, "FR") == {"2026-03-02": 24, "2026-03-03": 0, "2026-03-04": 0}


def test_days_on_which_nothing_was_loaded_are_told() -> None:
    rows = hourly("DE", "2026-03-01", 48) + hourly("DE", "2026-03-04", 72)
    panel = build_panel(orders_of(rows, {}), by_id(ORDERS), {})
    assert [str(problem) for problem in panel.problems] == [
        "orders: PN202 1 day (2026-03-03) without any order in any region; was every file loaded?"
    ]


def test_a_metric_without_its_columns_is_listed_with_their_names() -> None:
    panel = build_panel(orders_of(hourly("DE", "2026-03-01", 48), {}), by_id(ORDERS, VALUE), {})
    (missing,) = panel.unavailable
    assert (missing.name, missing.missing_columns) == ("aov", ("order_total",))
    assert missing.reason == "the orders have no order_total"
    assert "aov" not in panel.metrics and set(panel.daily["metric"]) == {"orders"}


def test_the_second_best_value_is_used_and_said() -> None:
    kept = Metric(
        "kept_value",
        "Kept",
        "sum",
        "money",
        values=(
            ValueChoice("retained_total"),
            ValueChoice("case when status = 'cancelled' then 0 else order_total end", "parts kept are not known"),
        ),
    )
    rows = [
        order("DE", "2026-03-01 10:00", order_total=10.0),
        order("DE", "2026-03-01 11:00", "cancelled", order_total=7.0),
    ]
    panel = build_panel(orders_of(rows, {}), by_id(kept), {})
    assert panel.series("DE", "kept_value")["value_sum"].tolist() == [10.0]
    assert ("PN205", "parts kept are not known") in [(one.code, one.message) for one in panel.problems]


def test_without_the_time_of_the_event_the_status_counts_and_that_is_said() -> None:
    rows = [order("DE", "2026-03-01 10:00", "cancelled"), order("DE", "2026-03-01 11:00")]
    panel = build_panel(orders_of(rows, {}), by_id(CANCELS), {})
    assert panel.series("DE", "cancel_rate")["events"].tolist() == [1.0]
    (said,) = [problem for problem in panel.problems if problem.code == "PN203"]
    assert said.severity == "info" and "no cancelled_at" in said.message


def test_a_line_is_that_of_the_region_and_a_region_without_one_has_no_rows() -> None:
    over = Metric("over", "Over the line", "count", "orders", numerator="order_total >= free_shipping_threshold")
    rows = [
        order(region, f"2026-03-01 1{i}:00", order_total=total)
        for region in ("KR", "JP", "US")
        for i, total in enumerate([30.0, 40.0, 50.0])
    ]
    lines = {
        "free_shipping_threshold": {
            region: Line(amount, Money(Decimal(amount), "USD"), "given")
            for region, amount in (("KR", 35.0), ("JP", 50.0))
        }
    }
    panel = build_panel(orders_of(rows, {}), by_id(ORDERS, over), lines)
    assert counts(panel, "KR", "over") == {"2026-03-01": 2}
    assert counts(panel, "JP", "over") == {"2026-03-01": 1}
    assert panel.series("US", "over").empty and not panel.series("US", "orders").empty
    unknown = build_panel(orders_of(rows, {}), by_id(ORDERS, over), {"free_shipping_threshold": {}})
    assert unknown.unavailable[0].missing_columns == ("free_shipping_threshold",)


def test_words_that_mean_the_same_region_are_added_up() -> None:
    from dataclasses import replace

    rows = [order(word, f"2026-03-01 1{i}:00") for i, word in enumerate(["NO", "no", "Norway", "NA"])]
    orders = replace(orders_of(rows, {}), region_words={"NO": ("NO", "no", "Norway"), "NA": ("NA",)})
    panel = build_panel(orders, by_id(ORDERS), {})
    assert panel.regions == ("NA", "NO") and counts(panel, "NO") == {"2026-03-01": 3}


def test_no_orders_at_all_are_refused() -> None:
    from dataclasses import replace

    orders = orders_of(hourly("DE", "2026-03-01", 3), {})
    with pytest.raises(InputError, match="PN101 no orders"):
        build_panel(replace(orders, table=orders.table.filter(orders.table.status == "x")), by_id(ORDERS), {})


def test_the_orders_are_read_by_one_query(monkeypatch: pytest.MonkeyPatch) -> None:
    orders = orders_of(hourly("DE", "2026-03-01", 30) + hourly("KR", "2026-03-01", 30), {"KR": "Asia/Kathmandu"})
    engine = type(orders.table.get_backend())
    asked: list[str] = []
    original = engine.to_pyarrow
    monkeypatch.setattr(
        engine, "to_pyarrow", lambda self, *args, **more: (asked.append("x"), original(self, *args, **more))[1]
    )
    build_panel(orders, by_id(ORDERS, CANCELS), {})
    assert len(asked) == 1


ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Pago_Pago"]


@settings(max_examples=25, deadline=None)
@given(
    minutes=st.lists(st.integers(0, 60 * 24 * 9), min_size=1, max_size=60),
    zones=st.lists(st.sampled_from(ZONES), min_size=3, max_size=3),
    clock=st.sampled_from(["UTC", "Asia/Seoul"]),
    seed=st.integers(0, 1000),
)
def test_the_sums_are_those_of_converting_every_order(
    minutes: list[int], zones: list[str], clock: str, seed: int
) -> None:
    draw = np.random.default_rng(seed)
    number = len(minutes)
    created = pd.Timestamp("2026-10-21") + pd.to_timedelta(np.array(minutes), unit="min")
    frame = pd.DataFrame(
        {
            "order_id": np.arange(number).astype(str),
            "region": draw.choice(["A", "B", "C"], number),
            "created_at": created,
            "status": draw.choice(["paid", "cancelled", "partially_cancelled"], number),
            "order_total": draw.integers(1, 100, number).astype(float),
            "cancelled_at": created + pd.to_timedelta(draw.integers(0, 96, number), unit="h"),
        }
    )
    zone_of = dict(zip("ABC", zones, strict=True))
    panel = build_panel(orders_of_frame(frame, zone_of, clock), by_id(ORDERS, CANCELS, VALUE), {})
    shuffled = frame.sample(frac=1, random_state=seed)
    again = build_panel(orders_of_frame(shuffled, zone_of, clock), by_id(ORDERS, CANCELS, VALUE), {})
    pd.testing.assert_frame_equal(panel.daily, again.daily)
    wanted = _naive(frame, zone_of, clock)
    for (region, day), row in wanted.iterrows():
        assert panel.series(region, "orders").at[day, "events"] == row["orders"]
        assert panel.series(region, "cancel_rate").at[day, "events"] == row["cancels"]
        assert panel.series(region, "aov").at[day, "value_sum"] == row["value"]
    assert panel.daily.query("metric == 'orders'")["events"].sum() == number


def _naive(frame: pd.DataFrame, zone_of: dict[str, str], clock: str) -> pd.DataFrame:
    """Every order converted on its own with pandas."""
    days = [
        pd.Timestamp(created, tz=clock).tz_convert(zone_of[region]).tz_localize(None).normalize()
        for created, region in zip(frame["created_at"], frame["region"], strict=True)
    ]
    is_cancelled = frame["status"].isin(["cancelled", "partially_cancelled"])
    in_time = frame["cancelled_at"] - frame["created_at"] <= timedelta(hours=48)
    return (
        frame.assign(day=days, cancels=is_cancelled & in_time, orders=1, value=frame["order_total"])
        .groupby(["region", "day"])[["orders", "cancels", "value"]]
        .sum()
    )
