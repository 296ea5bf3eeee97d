"""Do customers keep part of the basket?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtrit

from contextcheck.explain.proportions import difference, exact, p_share_above, wilson
from contextcheck.explain.resampling import effective_number, ratio
from contextcheck.explain.signs.outcome import (
    MIN_ORDERS,
    compared,
    decided,
    missing,
    not_testable,
    order_words,
    percent,
    too_few,
)

if TYPE_CHECKING:
    from contextcheck.explain.signs.interface import SignOutcome
    from contextcheck.explain.slices import Floats, Mask, Slice
    from contextcheck.knowledge.signs import Sign
    from contextcheck.records import Estimate

TOLERANCE = 1e-9


class KeptShare:
    """Say what share of these orders kept part of the basket.

    Method: share of orders with retained_total > 0 among those whose retained_total is known, in the window; Wilson's
        95 % interval, n being the independent decisions that resampling customers shows (p (1 - p) / variance, at
        most the orders); supported when the interval lies inside the bounds, contradicted when it lies outside, left
        open else. A support is weak when the same share is usual there (see `as_usual`).
    Source: Wilson (1927), Journal of the American Statistical Association 22; design effect, Kish (1965), Survey
        Sampling; cluster bootstrap, Cameron, Gelbach and Miller (2008), Review of Economics and Statistics 90.
    Blind spots: how much is kept; a small filler item that is kept counts like a whole basket.

    Example:
        >>> import numpy as np
        >>> keeps_part(np.array([0.0, 5.0, 20.0]), np.array([20.0, 20.0, 20.0])).tolist()
        [False, True, True]
    """

    def test(self, slice_: Slice, sign: Sign) -> SignOutcome:
        """Test the sign; see `SignTest`."""
        refused = missing(slice_, sign, "order_total", "retained_total")
        if refused:
            return refused
        retained, total = slice_.numbers("retained_total"), slice_.numbers("order_total")
        chosen = slice_.among(sign.text("among")) & np.isfinite(retained)
        words = order_words(slice_, sign.text("among"))
        refused = too_few(slice_, sign, chosen & slice_.in_window, f"{words} with a known rest")
        if refused:
            return refused
        keeps = chosen & keeps_part(retained, total)
        return bounded_share(slice_, sign, chosen, keeps, words=words, what="kept part of the basket")


def keeps_part(retained: Floats, total: Floats) -> Mask:
    """Which orders keep anything, beyond rounding; an unknown rest keeps nothing."""
    return np.asarray(np.nan_to_num(retained) > TOLERANCE * np.nan_to_num(np.abs(total)))


@dataclass(frozen=True, slots=True)
class Share:
    """A share of orders with the number of independent decisions behind it."""

    value: float
    decisions: float
    orders: int

    def estimate(self) -> Estimate:
        """The share with Wilson's interval."""
        return wilson(self.value, self.decisions, float(stdtrit(max(self.decisions - 1, 1.0), 0.975)))

    def p_above(self, bound: float) -> float:
        """One-sided p-value of "not above the bound"."""
        return p_share_above(self.value, self.decisions, bound)


def share_of(
    slice_: Slice, chosen: Mask, fitting: Mask, period: Mask | None = None, *, orders_per_decision: int = 1
) -> Share:
    """Share of the chosen orders that fit, in the window unless another period is given; customers are the units.

    The decisions are what a simple random sample of the same precision would have; when all orders are alike, they are
    the effective number of customers. They are never more than orders / `orders_per_decision`, for what comes in pairs:
    with few pairs the resampled variance is a poor witness of it.
    """
    resampler = slice_.resampler(2)
    window = chosen & (slice_.in_window if period is None else period)
    draws = ratio(resampler.totals((fitting & window).astype(np.float64)), resampler.totals(window.astype(np.float64)))
    orders, customers = int(window.sum()), effective_number(slice_.cluster[window])
    variance, spread = draws.standard_error**2, draws.value * (1 - draws.value)
    decisions = spread / variance if variance > 0 and spread > 0 else customers
    most = max(orders / orders_per_decision, 1)
    return Share(draws.value, float(np.clip(decisions, min(customers, 2.0, most), most)), orders)


def usual_share(slice_: Slice, chosen: Mask, fitting: Mask) -> str:
    """What was usual in the past, in words; empty when there are too few orders."""
    past = chosen & ~slice_.in_window
    return f"; {percent(float(fitting[past].mean()))} is usual here" if int(past.sum()) >= 30 else ""


def as_usual(slice_: Slice, sign: Sign, chosen: Mask, fitting: Mask, *, upwards: bool) -> Sign:
    """Give the sign with the weight that its support deserves: weak when the same share is usual there.

    A prediction that comes true on any quiet day as well tells nothing about what is new, so it cannot carry an
    explanation; it can still contradict one. Usual means: the share of the window is not clearly beyond the share of
    the past (Newcombe's interval), in the direction that the entry asks for. With fewer than 30 such orders in the past
    nobody knows what is usual, and the weight stays.
    """
    past = share_of(slice_, chosen, fitting, period=~slice_.in_window)
    if past.orders < MIN_ORDERS or sign.role != "sign":
        return sign
    now = share_of(slice_, chosen, fitting)
    change = difference(now.value, now.decisions, past.value, past.decisions)
    is_beyond = change.low > 0 if upwards else change.high < 0
    return sign if is_beyond else replace(sign, weight="weak")


def bounded_share(
    slice_: Slice,
    sign: Sign,
    chosen: Mask,
    fitting: Mask,
    *,
    words: str,
    what: str,
    orders_per_decision: int = 1,
) -> SignOutcome:
    """Compare the share of the chosen orders that fit with the entry's `at_least` and `at_most`.

    Args:
        slice_: Orders of the flag.
        sign: The prediction, with bounds under `expect`.
        chosen: Orders that are looked at, of both periods.
        fitting: Which of them fit.
        words: What they are called.
        what: What those that fit did, such as "kept part of the basket".
        orders_per_decision: How many orders fit by one decision; 2 where they fit as pairs, which are few: the interval
            is the exact one then.
    """
    bounds = sign.bounds()
    least, most = bounds.get("at_least"), bounds.get("at_most")
    if least is None and most is None:
        return not_testable(sign, "the entry names neither at_least nor at_most")
    share = share_of(slice_, chosen, fitting, orders_per_decision=orders_per_decision)
    p_values = [share.p_above(least)] if least is not None else []
    p_values += [1 - share.p_above(most)] if most is not None else []
    estimate = share.estimate() if orders_per_decision == 1 else exact(share.value, share.decisions)
    holds = compared(estimate, least, most)
    if holds:
        sign = as_usual(slice_, sign, chosen, fitting, upwards=least is not None)
    return decided(
        sign,
        holds=holds,
        sentence=f"{percent(share.value)} of the {words} {what}{usual_share(slice_, chosen, fitting)}",
        effect=estimate,
        unit="share of orders",
        n=int((chosen & slice_.in_window).sum()),
        p_value=max(p_values),
        members=chosen & ~fitting if least is None else fitting,
        unclear=f"{percent(estimate.low)} to {percent(estimate.high)} leaves open whether the bound is met",
    )
