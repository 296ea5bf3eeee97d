"""Comparable regions: which are chosen, that they are read once, and that nothing flagged or launched is among them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import ibis
import pandas as pd
from explain_worlds import CANCEL, LINE, ORDERS, WINDOW, quiet, with_padding
from test_investigate import PADDING, RING, flag, panel_of

from contextcheck.explain.investigate import explain_flag
from contextcheck.panel.orders import Orders
from contextcheck.panel.reference import choose_reference, comparable_regions
from contextcheck.panel.table import Panel
from contextcheck.records import Launch, Window


def markets(**frames: pd.DataFrame) -> Orders:
    parts = [frame.assign(region=name) for name, frame in frames.items()]
    table = pd.concat(parts, ignore_index=True)
    table["order_id"] = [f"o{i}" for i in range(len(table))]
    created = table["created_at"]
    return Orders(
        ibis.memtable(table), frozenset(table.columns), "UTC", {name: (name,) for name in frames}, {}, "USD",
        len(table), created.min().to_pydatetime(), created.max().to_pydatetime(),
    )  # fmt: skip


def explained(orders: Orders, frame: pd.DataFrame, **more: object):
    this = flag()
    given = {"launches": (), "flags": (this,)} | more
    lines = {"free_shipping_threshold": {name: LINE for name in orders.regions}}
    metrics = {"cancel_rate": CANCEL, "orders": ORDERS}
    return explain_flag(this, orders, panel_of(frame), (PADDING, RING), metrics=metrics, lines=lines, **given)


def counted_queries(monkeypatch) -> list[str]:
    asked: list[str] = []
    original = ibis.expr.types.Table.to_pyarrow

    def counted(table, **options):
        query = str(ibis.to_sql(table))
        if "region" in query:  # sums per customer look at rows that were read already
            asked.append(query)
        return original(table, **options)

    monkeypatch.setattr(ibis.expr.types.Table, "to_pyarrow", counted)
    return asked


def test_the_placebo_of_an_explanation_that_holds_names_its_regions_and_they_are_read_once(monkeypatch):
    asked = counted_queries(monkeypatch)
    frame = with_padding(quiet(2), 2)
    result = explained(markets(KR=frame, JP=quiet(3), TW=quiet(4)), frame)
    padding = next(each for each in result.explanations if each.id == "padding")
    assert padding.verdict == "supported"
    # 49 quiet days are cut into windows of 12 days: 4 of each market, and the flag's days of two
    assert (padding.placebo.n, padding.placebo.rate) == (14, 0.0)
    assert padding.placebo.where == "4 quiet windows of KR, 10 windows of JP, TW"
    bunching = padding.evidence[0]
    assert bunching.reference.startswith("KR 2026-01-11 to 2026-02-28; the same days elsewhere: JP ")
    # one query for the flag, one for all other regions together; any others look at rows that were read already
    own, elsewhere = (each for each in asked if "'KR'" in each or "'JP'" in each)
    assert "'KR'" in own and "'KR'" not in elsewhere and "'JP'" in elsewhere and "'TW'" in elsewhere


def test_other_regions_are_not_read_when_nothing_holds(monkeypatch):
    asked = counted_queries(monkeypatch)
    explained(markets(KR=quiet(2), JP=quiet(3)), quiet(2))
    assert any("'KR'" in each for each in asked) and not any("'JP'" in each for each in asked)


def test_the_regions_most_alike_in_volume_come_first_and_none_with_a_flag_or_a_launch():
    base = panel_of(quiet(2))
    sizes = base.daily["region"].map({"JP": 1.1, "TW": 3.0, "SG": 0.9}).fillna(1.0)
    events = base.daily["events"] * sizes.where(base.daily["metric"] == "orders", 1.0)
    panel = Panel(base.daily.assign(events=events), base.metrics, (), WINDOW.end, {})
    this = flag()

    def chosen(flags=(), launches=()):
        reference = choose_reference(panel, "KR", WINDOW, [this, *flags], launches)
        return comparable_regions(panel, "KR", WINDOW, reference, 2)

    assert chosen() == ("JP", "SG")  # ratios 1.1, 1.11 and 3
    other = flag(id="f2", region="JP", window=Window(WINDOW.start - timedelta(days=30), WINDOW.start))
    assert chosen(flags=[other]) == ("SG", "TW")
    launch = Launch("bar", ("SG", "JP"), WINDOW.start - timedelta(days=60))
    assert chosen(launches=[launch]) == ("TW",)
    over = Launch("bar", ("SG",), date(2025, 6, 1), date(2025, 7, 1))
    assert chosen(launches=[over]) == ("JP", "SG")


def test_neither_an_earlier_flag_nor_a_live_launch_is_in_the_quiet_past():
    panel = panel_of(quiet(2))
    this = flag()
    earlier = flag(id="f0", window=Window(WINDOW.start - timedelta(days=40), WINDOW.start - timedelta(days=35)))
    before = choose_reference(panel, "KR", WINDOW, [this, earlier], ()).before
    assert before.start > earlier.window.end and before.end < WINDOW.start
    launch = Launch("bar", ("KR",), WINDOW.start - timedelta(days=10))
    before = choose_reference(panel, "KR", WINDOW, [this], (launch,)).before
    assert before.end < launch.start


def test_the_quiet_past_may_lie_between_earlier_flags():
    panel = panel_of(quiet(2))

    def past(*spans):
        earlier = [
            flag(id=f"f{first}", window=Window(WINDOW.start - timedelta(first), WINDOW.start - timedelta(last)))
            for first, last in spans
        ]
        return choose_reference(panel, "KR", WINDOW, [flag(), *earlier], ()).before

    # 12 days behind the newest flag are too few; the days before it serve
    between = past((30, 15))
    assert between.end == WINDOW.start - timedelta(days=31)
    assert past((30, 17)).start >= WINDOW.start - timedelta(days=16)
    assert past((58, 3)) is None


def test_what_was_live_before_the_data_begin_takes_no_past_away():
    panel = panel_of(quiet(2))
    first = panel.series("KR", "orders").index[0].date()
    alone = choose_reference(panel, "KR", WINDOW, [flag()], ())
    old = Launch("bar", ("KR", "JP"), first - timedelta(days=300))
    assert choose_reference(panel, "KR", WINDOW, [flag()], (old,)).before == alone.before
    assert choose_reference(panel, "KR", WINDOW, [flag()], (old,)).controls == alone.controls
    # only elsewhere: those regions are of another kind; a launch inside the data cuts the past as before
    assert "JP" not in choose_reference(panel, "KR", WINDOW, [flag()], (replace(old, regions=("JP",)),)).controls
    newer = replace(old, start=first + timedelta(days=20))
    assert choose_reference(panel, "KR", WINDOW, [flag()], (newer,)).before.end < newer.start
