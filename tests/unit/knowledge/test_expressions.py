"""Expressions: what is allowed, what is refused and where, and what they count."""

from __future__ import annotations

from datetime import datetime

import ibis
import pandas as pd
import pyarrow as pa
import pytest

from contextcheck.errors import Location, Problem
from contextcheck.knowledge.expressions import Expression, compile_expression, parse_expression

WHERE = Location("rules/metrics/own.yaml", 7, 16)


def parsed(text: str) -> Expression:
    problems: list[Problem] = []
    expression = parse_expression(text, WHERE, problems)
    assert expression is not None and not problems, problems
    return expression


def refused(text: str) -> list[str]:
    problems: list[Problem] = []
    assert parse_expression(text, WHERE, problems) is None
    return [str(problem) for problem in problems]


@pytest.fixture(scope="module")
def orders() -> ibis.Table:
    hour = datetime(2026, 3, 1, 10)
    frame = pd.DataFrame(
        {
            "status": ["cancelled", "paid", None, "changed"],
            "order_total": [100.0, 50.0, 20.0, 0.0],
            "retained_total": [0.0, 50.0, None, 40.0],
            "coupon": [None, "SPRING", "", "SPRING"],
            "created_at": [hour] * 4,
            # 24 h, never, 24 h and one second, one second before the order
            "cancelled_at": [
                datetime(2026, 3, 2, 10),
                pd.NaT,
                datetime(2026, 3, 2, 10, 0, 1),
                datetime(2026, 3, 1, 9, 59, 59),
            ],
        }
    )
    connection = ibis.duckdb.connect()
    connection.con.register("shop_orders", pa.Table.from_pandas(frame))
    return connection.table("shop_orders")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("status = 'cancelled'", [True, False, False, False]),
        ("status in ('cancelled', 'changed')", [True, False, False, True]),
        # an empty status is neither: not even "not cancelled"
        ("not status = 'cancelled'", [False, True, False, True]),
        ("status is null", [False, False, True, False]),
        ("hours_between(created_at, cancelled_at) <= 24", [True, False, False, True]),
        ("order_total between 20 and 50", [False, True, True, False]),
        ("coalesce(retained_total, order_total) - -10 * 2 >= 60", [False, True, False, True]),
        # a division by 0 is empty, so the last order does not count
        ("retained_total / order_total < 1 or retained_total / order_total > 5", [True, False, False, False]),
        ("case when coupon = 'SPRING' then order_total else 1000 end < 10", [False, False, False, True]),
        ("true", [True, True, True, True]),
        ("order_total >= free_shipping_threshold", [True, True, False, False]),
    ],
)
def test_a_condition_counts_the_orders_that_fulfil_it(orders: ibis.Table, text: str, wanted: list[bool]) -> None:
    value = compile_expression(parsed(text), orders, {"free_shipping_threshold": ibis.literal(50.0)})
    assert orders.select(found=value).execute()["found"].tolist() == wanted


def test_a_line_that_is_not_given_is_never_reached(orders: ibis.Table) -> None:
    value = compile_expression(parsed("order_total >= coupon_minimum"), orders)
    assert not orders.select(found=value).execute()["found"].any()


def test_the_columns_and_lines_it_mentions_are_known() -> None:
    expression = parsed("order_total >= free_shipping_threshold and coalesce(coupon, '') <> ''")
    assert expression.columns == {"order_total", "coupon"}
    assert expression.parameters == {"free_shipping_threshold"}


def test_a_missing_column_may_only_be_left_out_inside_coalesce() -> None:
    expression = parsed("coalesce(discount_total, 0) > 0 or coalesce(coupon, '') <> ''")
    assert expression.available({"coupon"}) is not None
    assert expression.available({"status"}) is None
    assert parsed("discount_total > 0 or status = 'paid'").available({"status"}) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("stats = 'paid'", ':7:16: RL204 unknown column "stats"; did you mean "status"?'),
        ("status = 'paid' and ordr_total > 3", ':7:36: RL204 unknown column "ordr_total"; did you mean "order_total"?'),
        ("status = 'canceled'", 'RL206 unknown status "canceled"; did you mean "cancelled"?'),
        ("order_total > 'x'", "RL205"),
        ("status + 1", "RL205"),
        ("status = null", "RL205 a comparison with null is never true; write is null or is not null"),
        ("order_total +", "RL202 cannot be read"),
        ("'open", "RL202 cannot be read"),
        ("", "RL202 one expression is wanted, 0 found"),
        ("status = 'paid'; drop table orders", "RL202 one expression is wanted, 2 found"),
        ("order_total > 1e9", "RL203 the number"),
        ("(" * 60 + "true" + ")" * 60, "RL201 nested 60 levels deep"),
        ("not " * 80 + "true", "RL201 nested 80 levels deep"),
        ("case when " * 60 + "true", "RL201"),
        ("order_total > 1 or " * 120 + "true", "RL201 2,284 characters"),
    ],
)
def test_a_slip_is_told_with_its_place_and_a_remedy(text: str, problem: str) -> None:
    found = refused(text)
    assert len(found) == 1 and problem in found[0], found


@pytest.mark.parametrize(
    "text",
    [
        "status in (select status from orders)",
        "(select count(*) from orders) > 0",
        "exists (select 1)",
        "order_total > (select 1)",
        "status::integer = 1",
        "cast(order_total as text) = 'x'",
        "read_csv('/etc/passwd') is null",
        "getenv('HOME') = 'x'",
        "hours_between(created_at) > 1",
        "customer_id like '%'",
        "regexp_matches(coupon, '.*')",
        "count(*) > 1",
        "orders.status = 'paid'",
        '"order_id"" = 1; drop table x --" = 1',
        "status = 'paid' -- or true",
        "status = 'paid' /* x */",
        "status = ?",
        "status = $name",
        "created_at > now()",
        "created_at > timestamp '2020-01-01'",
        "created_at > created_at - interval 1 day",
        "[1, 2] is null",
        "order_total between symmetric 1 and 2",
        "order_total > 1 collate nocase",
        "if(true, 1, 2) > 1",
        "case status when 'paid' then 1 end > 0",
        "count(order_id) over () > 1",
        "drop table orders",
        "copy orders to 'x'",
        "attach 'x.db'",
        "status as x",
        "*",
        "status is distinct from 'paid'",
        "order_total % 2 = 1",
    ],
)
def test_whatever_is_not_on_the_list_is_refused(text: str) -> None:
    found = refused(text)
    assert all(problem.startswith("rules/metrics/own.yaml:7:") for problem in found)
    assert {problem.split(" ")[1] for problem in found} <= {"RL202", "RL203", "RL204"}


def test_every_slip_of_an_expression_is_told_at_once() -> None:
    assert len(refused("stats = 'paid' and ordr_total > 3 and now() is null")) == 3


def test_a_text_value_reaches_the_engine_only_as_a_value(orders: ibis.Table) -> None:
    value = compile_expression(parsed("coupon = '''; drop table orders; --'"), orders)
    assert not orders.select(found=value).execute()["found"].any()
    assert orders.count().execute() == 4
