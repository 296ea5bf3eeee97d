"""What orders with given columns can and cannot answer: metrics, signs, money lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contextcheck.errors import Location
from contextcheck.knowledge.columns import COLUMNS
from contextcheck.knowledge.signs import SIGN_SPECS, Sign
from contextcheck.table_settings import TABLES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from contextcheck.errors import Problem
    from contextcheck.knowledge.metrics import Metric
    from contextcheck.knowledge.signs import SignSpec

MONEY = {
    "average order value": "order_total",
    "kept sales": "retained_total",
    "refunds": "refund_total",
    "discounts": "discount_total",
    "shipping charged": "shipping_fee",
    "shipping cost": "shipping_cost",
    "margin": "margin",
    "payment fees": "payment_fee",
    "chargebacks": "chargeback_total",
}
"""Money that is measured when its column is there."""

ASSUMED = {"shipping cost": "shipping_cost", "margin": "gross_margin", "payment fees": "payment_rate"}
"""Money that falls back to a unit cost of the settings, and handling, which always is one."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """Names that can be had, and names that cannot with the columns they lack."""

    can: tuple[str, ...]
    cannot: tuple[tuple[str, tuple[str, ...]], ...]


def metric_readiness(metrics: Mapping[str, Metric], columns: Collection[str]) -> Readiness:
    """Tell which metrics the columns allow, by the panel's own rules.

    A metric with several ways to its value needs only one of them; a column inside coalesce() may be missing; without
    the time of an event it is counted by status.
    """
    can, cannot = [], []
    for metric in metrics.values():
        if "detect" not in metric.uses:
            continue
        always = _lacking((metric.numerator, metric.denominator), columns)
        ways = [_lacking((choice.expression,), columns) for choice in metric.values] or [frozenset[str]()]
        lacks = always | min(ways, key=len)
        if lacks:
            cannot.append((metric.id, tuple(sorted(lacks))))
        else:
            can.append(metric.id)
    return Readiness(tuple(can), tuple(cannot))


def _lacking(texts: Iterable[str], columns: Collection[str]) -> frozenset[str]:
    """The columns without which one of the expressions cannot be computed."""
    from contextcheck.knowledge.expressions import parse_expression

    problems: list[Problem] = []
    parsed = [parse_expression(text, Location("metric"), problems) for text in texts if text]
    lacking = [each for each in parsed if each is not None and each.available(columns) is None]
    return frozenset(name for each in lacking for name in each.missing(columns))


def sign_readiness(columns: Collection[str], tables: Collection[str] = ()) -> Readiness:
    """Tell which sign tests the columns allow; tests over a chosen column are shown with the columns there are.

    `tables` are those beside the orders (contacts, surveys, disputes) that the settings name.
    """
    can: list[str] = []
    cannot: list[tuple[str, tuple[str, ...]]] = []
    for name, spec in SIGN_SPECS.items():
        choices, wanted = _choices(spec, columns, tables)
        if wanted and not choices:
            cannot.append((name, wanted))
        elif wanted:
            can.append(f"{name} ({', '.join(choices)})")
        else:
            options = {key: option.default for key, option in spec.options.items()}
            needs = spec.needs(Sign(name, options, "strong", "sign"))
            lacks = tuple(column for column in needs if column and column not in columns)
            if lacks:
                cannot.append((name, lacks))
            else:
                can.append(name)
    return Readiness(tuple(can), tuple(cannot))


def _choices(
    spec: SignSpec, columns: Collection[str], tables: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """For a test over a column (or table) of one's choice: those there are, and all that would do."""
    if spec.name == "voice":
        return tuple(name for name in TABLES if name in tables), tuple(f"{name}:" for name in TABLES)
    if spec.name in ("concentration", "shared_keys"):
        default = spec.options["over"].default
        wanted: tuple[str, ...] = default if isinstance(default, tuple) else ()
    elif spec.name == "delay":
        start = ("created_at", "account_created_at")
        wanted = tuple(each.name for each in COLUMNS.values() if each.type == "time" and each.name not in start)
    elif spec.name == "mix":
        keys = ("order_id", "region", "customer_id", "currency", "device_id", "address_id", "payment_id", "coupon")
        wanted = tuple(each.name for each in COLUMNS.values() if each.type == "text" and each.name not in keys)
    else:
        return (), ()
    return tuple(column for column in wanted if column in columns), wanted


def money_readiness(columns: Collection[str]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Tell which money is measured, which is assumed from unit costs, and which is not measured."""
    measured = tuple(title for title, column in MONEY.items() if column in columns)
    assumed = (*(title for title in ASSUMED if title not in measured), "handling of cancels and returns")
    return measured, assumed, tuple(title for title in MONEY if title not in measured and title not in ASSUMED)
