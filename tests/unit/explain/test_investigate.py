"""A flag from the engine to its explanations, on small worlds with a known cause."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import ibis
import numpy as np
import pandas as pd
import pytest
from explain_worlds import AOV, BEFORE, CANCEL, LINE, ORDERS, WINDOW, in_window, quiet, sign, with_padding, with_ring

from contextcheck.explain.investigate import explain_flag, focal_metric
from contextcheck.explain.reading import wanted_columns
from contextcheck.knowledge.columns import COLUMNS
from contextcheck.knowledge.entries import Entry, Explains, Review, When
from contextcheck.panel.orders import Orders
from contextcheck.panel.table import PANEL_COLUMNS, Panel
from contextcheck.records import Expected, Flag, Observed, RelatedMetric

UP = (Explains("cancel_rate", "up"),)


def entry(name: str, kind: str, signs: tuple, against: tuple = (), explains: tuple = UP) -> Entry:
    return Entry(
        name, kind, ("*",), name, "active", "how", explains, When("always"), (), signs, against,
        (), (), (), "team", Review("team", None, None),
    )  # fmt: skip


PADDING = entry(
    "padding",
    "norm",
    (
        sign("bunching", at="free_shipping_threshold", expect="above", among="cancelled_or_changed"),
        sign("kept_share", among="cancelled_or_changed", expect={"at_least": 0.5}),
        sign("spread"),
        sign("delay", weight="weak", to="cancelled_at", among="cancelled_or_changed", expect={"within": 24.0}),
    ),
    (sign("concentration", role="contradicted_by", share=0.5),),
)
RING = entry(
    "ring", "abuse", (sign("concentration", share=0.1),), (sign("spread", weight="weak", role="contradicted_by"),)
)
FAULT = entry(
    "fault",
    "operational",
    (
        sign("delay", to="cancelled_at", among="cancelled", expect={"within": 1.0}),
        sign("kept_share", among="cancelled_or_changed", expect={"at_most": 0.3}),
        sign("bunching", at="free_shipping_threshold", expect="none", among="cancelled_or_changed"),
    ),
    (sign("concentration", role="contradicted_by", share=0.5),),
)
ENTRIES = (PADDING, RING, FAULT)


def orders_of(frame: pd.DataFrame, region: str = "KR") -> Orders:
    table = frame.assign(region=region, order_id=[f"o{i}" for i in range(len(frame))])
    created = frame["created_at"]
    return Orders(
        ibis.memtable(table), frozenset(table.columns), "UTC", {region: (region,)}, {}, "USD", len(table),
        created.min().to_pydatetime(), created.max().to_pydatetime(),
    )  # fmt: skip


def panel_of(frame: pd.DataFrame, region: str = "KR") -> Panel:
    """Daily cancels and orders, summed here by hand; three quiet regions beside it."""
    day = frame["created_at"].dt.normalize()
    cancelled = frame["status"].isin(["cancelled", "partially_cancelled"]).groupby(day).sum()
    count = day.groupby(day).size()
    rows = []
    for name in (region, "JP", "TW", "SG"):
        own = name == region
        rows += [
            {
                "region": name,
                "day": d,
                "metric": "cancel_rate",
                "events": cancelled[d] if own else 0.06 * count[d],
                "exposure": count[d],
            }
            for d in count.index
        ]
        rows += [
            {"region": name, "day": d, "metric": "orders", "events": count[d], "exposure": 1.0} for d in count.index
        ]
    table = pd.DataFrame(rows).assign(value_sum=np.nan, value_sumsq=np.nan, is_complete=True, is_mature=True)
    metrics = {"cancel_rate": CANCEL, "orders": ORDERS}
    return Panel(
        table[list(PANEL_COLUMNS)].astype({"events": float, "exposure": float}),
        metrics,
        (),
        WINDOW.end,
        {region: "UTC"},
    )


def flag(**changes: object) -> Flag:
    base = Flag(
        "f1", "cancels", "cancel_rate", "KR", WINDOW, BEFORE, "up", "high",
        Observed(600, 3000, 0.2), Expected(0.06, 0.05, 0.07), 420.0, 3.3, 1e-9,
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


def explained(frame: pd.DataFrame, entries: tuple = ENTRIES, **changes: object):
    metrics = {"cancel_rate": CANCEL, "orders": ORDERS, "aov": AOV}
    lines = {"free_shipping_threshold": {"KR": LINE}}
    this = flag(**changes)
    return explain_flag(
        this, orders_of(frame), panel_of(frame), entries, metrics=metrics, lines=lines, launches=(), flags=(this,)
    )


def verdicts(result) -> dict[str, str]:
    return {each.id: each.verdict for each in result.explanations}


def test_a_padding_crowd_is_explained_by_padding_alone():
    frame = with_padding(quiet(1), 1)
    result = explained(frame)
    assert verdicts(result) == {"padding": "supported", "ring": "contradicted", "fault": "contradicted"}
    padding = result.explanations[0]
    # every padded order was made to fit all signs, so padding is the whole excess but for chance in the rest
    assert padding.share_explained.low < 0.97 and padding.share_explained.high > 0.9
    assert result.unexplained_share.value < 0.15
    assert result.accounts.review == () and "no group of linked accounts" in result.accounts.reason
    assert padding.placebo is not None and padding.placebo.rate == 0.0 and padding.placebo.n >= 3
    assert result.problems == ()


def test_a_ring_inside_a_harmless_crowd_comes_out_as_two_explanations_with_their_shares():
    frame = with_ring(with_padding(quiet(1), 1), 1)
    result = explained(frame)
    found = {each.id: each for each in result.explanations}
    assert verdicts(result) == {"padding": "supported", "ring": "supported", "fault": "contradicted"}
    # truth: 200 cancels of the ring beside the padded orders; quiet weeks cancel 6 %
    window = in_window(frame)
    padded = (window & (frame["status"] == "partially_cancelled")).sum()
    ring = 200 / (200 + padded)
    assert found["ring"].share_explained.low <= ring <= found["ring"].share_explained.high
    assert found["padding"].share_explained.low <= 1 - ring <= found["padding"].share_explained.high
    listed = {account.account for account in result.accounts.review}
    assert listed == {f"ring{i:03d}" for i in range(40)}
    assert all(len(account.reasons) >= 2 for account in result.accounts.review)
    assert result.accounts.share_of_excess == pytest.approx(ring, abs=0.06)


def test_a_checkout_fault_is_neither_padding_nor_a_ring():
    frame = quiet(3)
    rng = np.random.default_rng(0)
    hit = np.flatnonzero(in_window(frame) & (rng.random(len(frame)) < 0.2) & (frame["status"] == "delivered"))
    frame.loc[hit, "status"], frame.loc[hit, "retained_total"] = "cancelled", 0.0
    frame.loc[hit, "cancelled_at"] = frame.loc[hit, "created_at"] + pd.to_timedelta(
        rng.uniform(1, 20, len(hit)), unit="m"
    ).floor("s")
    result = explained(frame)
    assert verdicts(result) == {"fault": "supported", "ring": "contradicted", "padding": "contradicted"}
    assert result.accounts.review == ()


def test_a_sign_that_fails_to_run_is_a_problem_that_names_it_and_not_an_end(monkeypatch):
    from contextcheck.explain.signs.spread import Spread

    def broken(self, slice_, sign):
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(Spread, "test", broken)
    result = explained(with_padding(quiet(1), 1), (PADDING,))
    (problem,) = {str(each) for each in result.problems}
    assert "EX301" in problem and '"spread" of padding' in problem and "planted" in problem
    spread = next(each for each in result.explanations[0].evidence if each.test == "spread")
    assert spread.result == "not_testable" and spread.reason


def test_a_review_that_fails_is_a_problem_and_the_explanations_stand(monkeypatch):
    def broken(slice_):
        raise KeyError("planted")

    monkeypatch.setattr("contextcheck.explain.investigate.review_accounts", broken)
    monkeypatch.setattr("contextcheck.explain.investigate.find_drivers", broken)
    result = explained(with_padding(quiet(1), 1))
    assert [problem.code for problem in result.problems] == ["EX302", "EX303"]
    assert verdicts(result)["padding"] == "supported"
    assert result.accounts.review == () and "failed to run" in result.accounts.reason


def test_without_a_quiet_past_nothing_is_shared_out_and_the_reason_is_said():
    frame = with_padding(quiet(1), 1)
    frame = frame[frame["created_at"] >= pd.Timestamp(WINDOW.start) - timedelta(days=5)].reset_index(drop=True)
    result = explained(frame)
    assert result.unexplained_share is None
    assert "quiet days before" in result.explanations[0].share_reason
    assert verdicts(result)["padding"] == "supported"  # bunching is then taken from the smooth curve alone


def test_large_slices_are_read_as_whole_customers_and_it_is_said(monkeypatch):
    monkeypatch.setattr("contextcheck.explain.reading.MAX_ORDERS", 8_000)
    frame = with_padding(quiet(1), 1)
    result = explained(frame)
    assert [problem.code for problem in result.problems] == ["EX201"]
    assert verdicts(result)["padding"] == "supported"


def test_orders_without_a_customer_are_sampled_one_by_one_and_customers_whole():
    from contextcheck.explain.reading import _sampled

    count, one_day = 4000, pd.Timestamp("2026-03-01")  # as a file has them that knows the day only
    guest = np.arange(count) % 2 == 0
    rows = pd.DataFrame(
        {
            "order_id": [f"o{i}" for i in range(count)],
            "created_at": one_day,
            "customer_id": np.where(guest, None, np.char.mod("c%d", np.arange(count) // 8)),
            "order_total": np.arange(count) / 7,
        }
    )
    chosen = _sampled(ibis.memtable(rows), 0.25).to_pandas()
    guests = chosen["customer_id"].isna()
    # binomial with 2,000 trials at 25 %: 500, standard deviation 19
    assert abs(int(guests.sum()) - 500) < 80
    kept = chosen[~guests].groupby("customer_id").size()
    assert (kept == rows[~guest].groupby("customer_id").size().reindex(kept.index)).all()


def test_the_first_rate_that_a_candidate_explains_is_the_one_that_is_divided():
    related = (RelatedMetric("cancel_rate", "up", 0.2, 0.06, 0.0),)
    assert (
        focal_metric(flag(metric="aov", related=related), ENTRIES, {"aov": AOV, "cancel_rate": CANCEL}) == "cancel_rate"
    )
    assert focal_metric(flag(metric="aov"), ENTRIES, {"aov": AOV, "cancel_rate": CANCEL}) == "aov"


def test_the_same_seed_gives_the_same_result():
    frame = with_padding(quiet(5, orders_per_day=100), 5)
    assert explained(frame) == explained(frame)


def test_days_are_local_days_of_the_region():
    from contextcheck.explain.reading import local_days

    orders = replace(orders_of(quiet(1, orders_per_day=1)), zones={"KR": "Asia/Seoul"})
    # 15:30 UTC is 00:30 of the next day in Seoul (UTC+9, no daylight saving)
    times = pd.Series([datetime(2026, 3, 1, 14, 30), datetime(2026, 3, 1, 15, 30)])
    assert local_days(times, orders, "KR").astype(str).tolist() == ["2026-03-01", "2026-03-02"]


def test_a_flag_is_explained_with_one_query_over_its_own_orders(monkeypatch):
    asked = queries_of_the_orders(monkeypatch)
    explained(with_padding(quiet(1), 1))
    (query,) = asked
    assert "'KR'" in query and "created_at" in query  # the region and the days are filtered in the engine
    assert "channel" in query and "shipping_fee" not in query  # only the columns that something looks at
    assert "order_id" not in query  # the longest column of all, and no dispute names an order here


def test_without_accounts_and_journeys_fewer_columns_are_read_and_the_explanations_are_the_same():
    frame = with_ring(with_padding(quiet(1), 1), 1)
    lines = {"free_shipping_threshold": {"KR": LINE}}
    this = flag()

    def run(*, is_brief: bool):
        given = {"metrics": {"cancel_rate": CANCEL}, "lines": lines, "launches": (), "flags": (this,)}
        return explain_flag(this, orders_of(frame), panel_of(frame), ENTRIES, is_brief=is_brief, **given)

    brief, whole = run(is_brief=True), run(is_brief=False)
    assert brief.explanations == whole.explanations
    assert whole.accounts.review and not brief.accounts.review


def test_a_sign_that_links_accounts_where_it_can_has_its_keys_read_wherever_it_is_tested():
    again = entry("again", "abuse", (sign("repeats", expect="again", share=0.1),))
    columns = frozenset(
        {"customer_id", "order_total", "retained_total", "device_id", "channel", "status", "created_at"}
    )
    assert wanted_columns([again], columns, signs_only=True) == tuple(
        name for name in COLUMNS if name in columns - {"channel"}
    )


def test_the_order_of_the_rows_does_not_matter():
    frame = with_padding(quiet(6, orders_per_day=100), 6)
    rows = frame.assign(order_id=[f"o{i}" for i in range(len(frame))]).sample(frac=1, random_state=2)
    shuffled = orders_of(rows.drop(columns="order_id").reset_index(drop=True))
    shuffled = replace(shuffled, table=ibis.memtable(rows.assign(region="KR").reset_index(drop=True)))
    metrics = {"cancel_rate": CANCEL}
    this = flag()

    def run(orders):
        lines = {"free_shipping_threshold": {"KR": LINE}}
        return explain_flag(
            this, orders, panel_of(frame), ENTRIES, metrics=metrics, lines=lines, launches=(), flags=(this,)
        )

    assert run(orders_of(frame)) == run(shuffled)


def test_a_large_flag_is_read_once_and_its_sums_are_asked_of_the_rows_in_memory(monkeypatch):
    monkeypatch.setattr("contextcheck.explain.reading.MAX_ORDERS", 8_000)
    asked = queries_of_the_orders(monkeypatch)
    result = explained(with_ring(with_padding(quiet(1), 1), 1))
    (query,) = asked
    assert '"created_at" >=' in query.partition("WHERE")[2]
    # nobody of the ring is lost to the sample
    assert {each.account for each in result.accounts.review} == {f"ring{i:03d}" for i in range(40)}


def test_a_very_large_flag_is_summed_in_the_engine_inside_its_region_and_days(monkeypatch):
    monkeypatch.setattr("contextcheck.explain.reading.MAX_ORDERS", 8_000)
    monkeypatch.setattr("contextcheck.explain.reading.MAX_HELD", 8_000)
    asked = queries_of_the_orders(monkeypatch)
    result = explained(with_ring(with_padding(quiet(1), 1), 1))
    # the sampled orders, sums per customer, three kinds of keys, the listed accounts
    assert len(asked) <= 6
    for query in asked:
        after = query.partition("WHERE")[2]
        assert '"region"' in after and '"created_at" >=' in after and '"created_at" <' in after
    assert {each.account for each in result.accounts.review} == {f"ring{i:03d}" for i in range(40)}


@pytest.mark.parametrize("held", [1_000_000, 8_000])
def test_accounts_are_the_same_however_the_orders_are_summed(monkeypatch, held):
    frame = with_ring(with_padding(quiet(1), 1), 1)
    all_read = explained(frame).accounts
    monkeypatch.setattr("contextcheck.explain.reading.MAX_ORDERS", 8_000)
    monkeypatch.setattr("contextcheck.explain.reading.MAX_HELD", held)
    sampled = explained(frame).accounts
    assert {each.account for each in all_read.review} == {each.account for each in sampled.review}
    assert all_read.share_of_excess == pytest.approx(sampled.share_of_excess)


def test_it_does_not_matter_whether_a_large_flag_is_held_in_memory(monkeypatch):
    monkeypatch.setattr("contextcheck.explain.reading.MAX_ORDERS", 8_000)
    frame = with_ring(with_padding(quiet(2), 2), 2)
    frame.loc[frame.index % 3 == 0, "customer_id"] = None  # guests are sampled by what their order holds
    held = explained(frame)
    monkeypatch.setattr("contextcheck.explain.reading.MAX_HELD", 8_000)
    assert explained(frame) == held


def test_minutes_to_the_cancel_are_no_reason_where_the_times_are_known_by_the_day():
    frame = with_ring(with_padding(quiet(1), 1), 1)
    by_day = frame.assign(**{name: frame[name].dt.normalize() for name in ("created_at", "cancelled_at")})

    def reasons(rows: pd.DataFrame) -> list[str]:
        return [reason for each in explained(rows).accounts.review for reason in each.reasons]

    assert [each for each in reasons(frame) if "minutes" in each]
    assert reasons(by_day) and not [each for each in reasons(by_day) if "minutes" in each]


def queries_of_the_orders(monkeypatch) -> list[str]:
    """Every query of the source from here on; those of rows that were read already are left out."""
    asked: list[str] = []
    original = ibis.expr.types.Table.to_pyarrow

    def counted(table, **options):
        query = str(ibis.to_sql(table))
        if "'KR'" in query:
            asked.append(query)
        return original(table, **options)

    monkeypatch.setattr(ibis.expr.types.Table, "to_pyarrow", counted)
    return asked


def test_a_sign_looks_at_the_columns_that_help_it_whatever_else_is_tested() -> None:
    alone = entry("alone", "norm", (sign("discount_use"),))
    assert "coupon" in wanted_columns([alone], frozenset(COLUMNS), signs_only=True)
