"""How a sign test states its result: turned to the entry's point of view, in words a manager understands."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.explain.resampling import effective_number
from contextcheck.explain.signs.interface import SignOutcome
from contextcheck.knowledge.signs import SIGN_SPECS
from contextcheck.records import Estimate, Evidence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contextcheck.explain.slices import Slice
    from contextcheck.knowledge.lines import Line
    from contextcheck.knowledge.signs import Sign
    from contextcheck.records import SignResult, Weight

    Mask = NDArray[np.bool_]

MIN_ORDERS = 30
MIN_CUSTOMERS = 10
ORDER_WORDS = {
    "cancelled": "cancelled baskets",
    "cancelled_or_changed": "cancelled or changed baskets",
    "returned": "returned orders",
    "unpaid": "unpaid orders",
    "refused": "refused orders",
    "all": "orders",
}
METRIC_WORDS = {
    "cancel_rate": "cancelled baskets",
    "rapid_cancel_rate": "baskets cancelled within a day",
    "modify_rate": "changed baskets",
    "return_rate": "returned orders",
    "unpaid_rate": "unpaid orders",
    "refused_rate": "refused orders",
    "discount_rate": "discounted orders",
    "new_account_discount_rate": "discounted orders of new accounts",
    "chargeback_rate": "disputed orders",
    "orders": "orders",
    "aov": "orders",
    "items_per_order": "orders",
    "refund_share": "orders",
}


def customers_words(count: float) -> str:
    """How many customers, in words."""
    return "one customer" if round(count) == 1 else f"{count:.0f} customers"


def order_words(slice_: Slice, among: str) -> str:
    """What the orders that a sign looks at are called."""
    if among in ("flagged", ""):
        return METRIC_WORDS.get(slice_.scene.metric.id, "flagged orders")
    return ORDER_WORDS.get(among, "orders")


def not_testable(sign: Sign, reason: str, n: int = 0, effect: Estimate | None = None, unit: str = "") -> SignOutcome:
    """Say why the data cannot tell."""
    title = SIGN_SPECS[sign.test].title
    evidence = Evidence(
        sign.test, "not_testable", f"{title}: not tested", sign.weight, sign.role, effect, unit, n, None, reason
    )
    return SignOutcome(evidence)


def missing(slice_: Slice, sign: Sign, *columns: str) -> SignOutcome | None:
    """Say which columns the orders lack, if any."""
    absent = [column for column in columns if not slice_.has(column)]
    return not_testable(sign, f"the orders have no {' and no '.join(absent)} column") if absent else None


def too_few(slice_: Slice, sign: Sign, chosen: Mask, what: str, least: int = MIN_ORDERS) -> SignOutcome | None:
    """Say when there are too few orders, or when they are the decisions of too few customers."""
    n = int(chosen.sum())
    if n < least:
        return not_testable(sign, f"{n} {what} in the window, {least} needed", n)
    customers = effective_number(slice_.cluster[chosen])
    if customers < MIN_CUSTOMERS:
        return not_testable(sign, f"{n} {what} are the decisions of about {customers_words(customers)}", n)
    return None


def too_few_on_both_sides(slice_: Slice, sign: Sign, chosen: Mask, what: str) -> SignOutcome | None:
    """Say when there are too few orders in the window, or in the past that it is compared with."""
    refused = too_few(slice_, sign, chosen & slice_.in_window, what)
    if refused is None and int((chosen & ~slice_.in_window).sum()) < MIN_ORDERS:
        return not_testable(sign, slice_.scene.before_reason or f"fewer than {MIN_ORDERS} {what} before")
    return refused


def decided(
    sign: Sign,
    *,
    holds: bool | None,
    sentence: str,
    effect: Estimate | None,
    unit: str,
    n: int,
    p_value: float | None,
    members: Mask | None = None,
    unclear: str = "",
    reference: str = "",
) -> SignOutcome:
    """Give the evidence of a tested prediction.

    Args:
        sign: The prediction.
        holds: Whether what it says holds; None when the interval leaves it open.
        sentence: The finding in words.
        effect: With its 95 % interval.
        unit: Of the effect.
        n: Orders (or days, regions) looked at.
        p_value: Of the null that the prediction does not hold; None where it is no test.
        members: Orders that behave as the sign says.
        unclear: Why it is left open.
        reference: What it was compared with, when that is not the market's own quiet past.
    """
    if holds is None:
        evidence = Evidence(
            sign.test, "not_testable", sentence, sign.weight, sign.role, effect, unit, n, p_value, unclear, reference
        )
        return SignOutcome(evidence)
    result: SignResult = "supports" if holds else "contradicts"
    weight: Weight = sign.weight
    if sign.role == "contradicted_by":
        result, weight, members = ("contradicts", sign.weight, members) if holds else ("supports", "weak", None)
    evidence = Evidence(sign.test, result, sentence, weight, sign.role, effect, unit, n, p_value, reference=reference)
    return SignOutcome(evidence, members if holds else None)


def compared(estimate: Estimate, low: float | None, high: float | None) -> bool | None:
    """Whether an interval lies wholly inside the bounds (True), wholly outside (False), or leaves it open (None)."""
    inside = (low is None or estimate.low >= low) and (high is None or estimate.high <= high)
    outside = (low is not None and estimate.high < low) or (high is not None and estimate.low > high)
    return True if inside else False if outside else None


def leaves_open(estimate: Estimate, wanted: float) -> str:
    """Why a share that was wanted is neither met nor missed for certain."""
    told = f"{percent(estimate.low)} to {percent(estimate.high)}"
    if estimate.low >= wanted:
        return f"{told}, which is not beyond chance among all that were looked at"
    return f"{told} leaves open whether {percent(wanted)} is met"


def percent(share: float) -> str:
    """A share as people read it: "71 %", "0.4 %"; NaN as "unknown"."""
    if not np.isfinite(share):
        return "an unknown share"
    shown = 100 * share
    return f"{shown:.1f} %" if 0 < abs(shown) < 1 else f"{shown:.0f} %"


def money(line: Line, amount: float) -> str:
    """An amount in the reporting currency as local money, such as "₩50,000"."""
    from babel.numbers import format_currency

    ratio = float(line.local.amount) / line.amount if line.amount else 0.0
    local = Decimal(str(round(amount * ratio, 2)))
    whole = local == local.to_integral_value()
    shown: str = format_currency(local, line.local.currency, locale="en", currency_digits=not whole, format=None)
    return shown.removesuffix(".00")
