"""Do many customers carry it, a little each?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.explain.dealing import events_among, permutations, without_usual_volume
from contextcheck.explain.remembered import remembered
from contextcheck.explain.resampling import effective_number
from contextcheck.explain.signs.outcome import (
    MIN_ORDERS,
    customers_words,
    decided,
    missing,
    not_testable,
    order_words,
    percent,
)
from contextcheck.records import Estimate

if TYPE_CHECKING:
    from contextcheck.explain.signs.interface import SignOutcome
    from contextcheck.explain.slices import Codes, Floats, Slice
    from contextcheck.knowledge.signs import Sign

TOP_SHARE = 0.01
MAX_EXTRA_SHARE = 0.10


class Spread:
    """Say whether the flagged orders are spread over customers as their order volumes would have it.

    Method: share of the flagged orders made by the 1 % of customers with most of them (at least one), compared with
        999 permutations of the events over all orders of the window, which keep every customer's volume (of a count,
        where every order is an event, of the window over the orders of both periods). Broad when the
        share exceeds the permuted mean by less than 10 points (upper end of a bootstrap over customers), not broad when
        it exceeds it by 10 points and p is below 0.01.
    Source: permutation of losses over orders; top-share as in Gini-type concentration, Lorenz (1905).
    Blind spots: one person behind many accounts looks like many customers: see `concentration` over shared keys.

    Example:
        >>> import numpy as np
        >>> round(top_share(np.array([8.0, 1.0, 1.0]), 3), 2)
        0.8
    """

    def test(self, slice_: Slice, sign: Sign) -> SignOutcome:
        """Test the sign; see `SignTest`."""
        column = sign.text("over") or "customer_id"
        refused = missing(slice_, sign, column)
        if refused:
            return refused
        words = order_words(slice_, "flagged")
        among, amounts = events_among(slice_)
        holder = slice_.frame[column].astype("category").cat.codes.to_numpy()[among].astype(np.int64)
        known = holder >= 0
        holder, amounts = holder[known], amounts[known]
        n = int((amounts > 0).sum())
        if n < MIN_ORDERS:
            return not_testable(sign, f"{n} {words} in the window, {MIN_ORDERS} needed", n)
        here = len(np.unique(holder[slice_.in_window[among][known]]))
        holders = np.unique(holder, return_inverse=True)[1]
        return _outcome(slice_, sign, holders, amounts, here)


def top_share(amounts: Floats, customers: int) -> float:
    """Share of the sum that the top 1 % of the customers (at least one) hold; `amounts` per customer."""
    count = max(1, round(TOP_SHARE * customers))
    total = float(amounts.sum())
    return float(np.partition(amounts, -count)[-count:].sum()) / total if total else float("nan")


def _outcome(slice_: Slice, sign: Sign, holders: Codes, amounts: Floats, here: int) -> SignOutcome:
    words = order_words(slice_, "flagged")
    found = _measured(holders, amounts, here, slice_.scene.seed, permutations(slice_, amounts))
    seen, usual, low, high = found.seen, found.usual, found.low, found.high
    sentence = (
        f"{found.customers:,} customers; the top 1 % made {percent(seen)} of the {words}, "
        f"{percent(usual)} would be usual for how much they order"
    )
    holds = True if high - usual < MAX_EXTRA_SHARE else None
    if seen - usual >= MAX_EXTRA_SHARE and found.p_value < 0.01:
        holds = False
    n = int((amounts > 0).sum())
    unknown = without_usual_volume(slice_) if holds else ""
    if unknown:
        return not_testable(sign, unknown, n)
    share = f"{percent(low)} to {percent(high)} in the top 1 %"
    reason = f"{share}: too few to tell (as if {customers_words(found.effective)})"
    return decided(
        sign,
        holds=holds,
        sentence=sentence,
        effect=Estimate(seen - usual, low - usual, high - usual),
        unit="share of events above volume",
        n=n,
        p_value=None,
        unclear=reason,
    )


@dataclass(frozen=True, slots=True)
class _Measured:
    """The top share that is seen, that of permutations and how many reach it, its interval, and how many customers."""

    seen: float
    usual: float
    p_value: float
    low: float
    high: float
    customers: int
    effective: float


@remembered
def _measured(holders: Codes, amounts: Floats, here: int, seed: int, permutations: int) -> _Measured:
    """What the test is about: every candidate of a flag that predicts a broad spread asks it of the same orders.

    `here` customers have an order in the window: the top 1 % is 1 % of them.
    """
    # the order of the rows must not matter to the permutations
    order = np.lexsort((amounts, holders))
    holders, amounts = holders[order], amounts[order]
    per_holder = np.bincount(holders, weights=amounts).astype(np.float64)
    seen = top_share(per_holder, here)
    usual, p_value = permuted_top_share(holders, amounts, here, seed, seen, permutations)
    low, high = _interval(per_holder, here, seed)
    effective = effective_number(holders[amounts > 0])
    return _Measured(
        seen, usual, p_value, min(low, seen), max(high, seen), int((per_holder > 0).sum()), float(effective)
    )


def permuted_top_share(
    holders: Codes, amounts: Floats, here: int, seed: int, seen: float, draws: int
) -> tuple[float, float]:
    """Mean top share when events fall on orders at random, and the share of permutations at least as concentrated."""
    rng = np.random.default_rng(seed)
    placed = amounts[amounts > 0]
    if (placed == placed[0]).all():
        shares = _top_shares_of_alike(rng, holders, here, len(placed), draws)
    else:
        customers = int(holders.max()) + 1
        shares = np.empty(draws)
        for draw in range(draws):
            orders = rng.choice(len(amounts), len(placed), replace=False)
            sums = np.bincount(holders[orders], weights=placed, minlength=customers)
            shares[draw] = top_share(sums.astype(np.float64), here)
    return float(shares.mean()), float((1 + (shares >= seen - 1e-12).sum()) / (draws + 1))


def _top_shares_of_alike(rng: np.random.Generator, holders: Codes, here: int, events: int, draws: int) -> Floats:
    """The top share of each permutation of events that weigh the same.

    Every customer keeps the number of orders; which of them carry the events is drawn. Customers are then counted by
    their number of events, from which the top share follows without sorting them.
    """
    volume = np.bincount(holders)
    customers, most = len(volume), min(int(volume.max()), events)
    tallies = np.zeros((draws, max(most, 1) + 1), dtype=np.int64)
    for draw in range(draws):
        counts = np.bincount(holders[rng.choice(len(holders), events, replace=False)], minlength=customers)
        # most customers have one event or none: the others are counted, those with one follow from the total
        tallies[draw] = np.bincount(counts[counts > 1], minlength=tallies.shape[1])
    numbers = np.arange(tallies.shape[1])
    tallies[:, 1] = events - tallies @ numbers
    descending = tallies[:, :0:-1]
    before = np.cumsum(descending, axis=1) - descending
    taken = np.clip(max(1, round(TOP_SHARE * here)) - before, 0, descending)
    return np.asarray((taken @ numbers[:0:-1]) / events, dtype=np.float64)


def _interval(per_holder: Floats, here: int, seed: int, draws: int = 400) -> tuple[float, float]:
    """95 % interval of the top share: customers drawn again, by classes of equal amounts."""
    values, counts = np.unique(per_holder, return_counts=True)
    rng = np.random.default_rng(seed)
    customers = len(per_holder)
    drawn = rng.multinomial(customers, counts / customers, size=draws)[:, ::-1].astype(np.float64)
    descending = values[::-1]
    top = max(1, round(TOP_SHARE * here))
    before = np.cumsum(drawn, axis=1) - drawn
    taken = np.clip(top - before, 0, drawn)
    totals = drawn @ descending
    shares = np.divide(taken @ descending, totals, out=np.zeros(draws), where=totals > 0)
    low, high = np.quantile(shares, [0.025, 0.975])
    return float(low), float(high)
