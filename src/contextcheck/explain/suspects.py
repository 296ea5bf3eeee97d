"""How surprising each customer's lost orders are, and from which score on so many would not come about by chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betainc, pdtrc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from contextcheck.explain.profiles import Profiles

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]
    Mask = NDArray[np.bool_]

MAX_POINTS = 8.0
MIN_SCORE = 1.5
MIN_REPEATS = 3
MIN_SHARE_OF_GROUP = 1 / 3
MAX_FALSE_SHARE = 0.10
MAX_CHANCE = 0.01
MAX_NEW_POINTS = 2.0
DRAWS, FEW_DRAWS, MANY_ORDERS = 99, 39, 200_000


@dataclass(frozen=True, slots=True)
class Scores:
    """Per customer, in points of 10: 2 means one in a hundred by chance.

    Attributes:
        own: So many lost orders out of so many orders.
        linked: So many lost orders of the accounts it shares keys with.
        is_listed: Whether so many customers with this score or more would hardly come about by chance.
    """

    own: Floats
    linked: Floats
    is_listed: Mask


def scores_of(profiles: Profiles, *, is_count: bool, seed: int) -> Scores:
    """Score every customer and find the score from which on at most one in ten would be there by chance.

    Args:
        profiles: From `profiles_of`.
        is_count: Whether the flagged metric counts orders, so that every order is an event.
        seed: Of the draws.

    Returns:
        Scores in the order of the profiles.

    Method: own = -log10 P(at least so many lost orders | number of orders, usual rate), binomial (Poisson for counts);
        the usual rate is that of all orders of the window, for metrics about paying that of the way to pay. linked =
        the same for all other accounts of the linked component together, when a third of them or more lost an order.
        A new account adds -log10 of the share of new accounts. Expected by chance at each score: the larger of (a) the
        mean over 99 draws in which every order is lost at the usual rate (plus one, a conservative Monte Carlo
        estimate), and (b) the mean count of such customers in the quiet past, in windows as long as the flag, by the
        same scoring. Listed is everybody from the lowest score on at which expected / seen is at most 10 % and so many
        would be seen by chance in less than 1 %.
    Source: false discovery proportion by resampling, Storey and Tibshirani (2003), PNAS 100; Phipson and Smyth (2010)
        for the plus one.
    Blind spots: accounts that share nothing and order once each; a habit that is new and harmless but all or nothing.
    """
    table = profiles.table
    orders, lost, is_new = (table[name].to_numpy() for name in ("orders", "lost", "is_new"))
    share_new = float(is_new[orders > 0].mean()) if (orders > 0).any() else 1.0
    new_points = float(min(-np.log10(max(share_new, 1e-3)), MAX_NEW_POINTS))
    rate = _rate(profiles, orders, lost, is_count=is_count)
    now = _model(profiles, "", rate, new_points, is_count=is_count)
    before = [_model(profiles, f"_{w}", rate, new_points, is_count=is_count) for w in range(profiles.past_windows)]
    who, own, linked, total = now.score(lost)
    limit = _limit(profiles, now, before, total, seed)
    size = len(lost)
    return Scores(
        _spread(who, own, size), _spread(who, linked, size), _spread(who, (total >= limit).astype(np.float64), size) > 0
    )


def _spread(who: Codes, values: Floats, size: int) -> Floats:
    """Values of some customers among all; 0 for the others."""
    result = np.zeros(size)
    result[who] = values
    return result


def _rate(profiles: Profiles, orders: Floats, lost: Floats, *, is_count: bool) -> float:
    """Lost orders per order in the window; for counts, orders per active customer in the past (or the window)."""
    if not is_count:
        return float(lost.sum() / max(orders.sum(), 1.0))
    before = [profiles.table[f"orders_{window}"].to_numpy(dtype=np.float64) for window in range(profiles.past_windows)]
    every = np.concatenate(before) if before else orders
    return float(every[every > 0].mean()) if (every > 0).any() else 1.0


@dataclass(frozen=True, slots=True)
class _Model:
    """Scores of one period: who ordered how often and who is linked stays, which orders are lost may change.

    Attributes:
        orders: Orders of each customer in the period.
        is_new: Whether its account was new then.
        component: Linked component of each customer.
        expected: Lost orders of each customer at the usual rate (orders per customer for counts).
        group_orders, group_expected, members: Of each customer's component; members are active customers.
        new_points: What a new account adds.
        is_count: Whether every order is an event.
    """

    orders: Floats
    is_new: Mask
    component: Codes
    expected: Floats
    group_orders: Floats
    group_expected: Floats
    members: Floats
    new_points: float
    is_count: bool

    def score(self, lost: Floats) -> tuple[Codes, Floats, Floats, Floats]:
        """Customers that lost an order, and their own, linked and total points."""
        who = np.flatnonzero(lost > 0)
        mine, group = lost[who], self.component[who]
        size = len(lost)
        group_lost = np.bincount(group, weights=mine, minlength=size)[group] - mine
        losing = np.bincount(group, minlength=size)[group] - 1
        others = self.members[who] - 1
        own = self._points(self.orders[who], mine, self.expected[who])
        many = losing >= np.maximum(MIN_SHARE_OF_GROUP * others, 1)
        rest = (self.group_orders - self.orders)[who], group_lost, (self.group_expected - self.expected)[who]
        linked = np.where(many, self._points(*rest), 0.0)
        # one or two lost orders of an account without links are nothing, whoever opened it
        counts = (linked > 0) | (mine >= MIN_REPEATS)
        return who, own, linked, np.where(counts, own + linked + self.new_points * self.is_new[who], 0.0)

    def _points(self, orders: Floats, lost: Floats, expected: Floats) -> Floats:
        """-log10 of the chance of at least so many lost orders."""
        if self.is_count:
            # at least so many orders of customers who placed one each
            chance = np.where(lost >= 2, pdtrc(np.maximum(lost - 2, 0), np.maximum(expected - 1, 1e-3)), 1.0)
        else:
            # P(X >= k) of a binomial is the regularised incomplete beta function I_p(k, n - k + 1)
            k, rate = np.maximum(lost, 1.0), np.clip(expected / np.maximum(orders, 1.0), 1e-6, 1.0)
            chance = np.where(lost > 0, betainc(k, np.maximum(orders - k, 0.0) + 1.0, rate), 1.0)
        return np.asarray(np.minimum(-np.log10(np.maximum(chance, 1e-12)), MAX_POINTS), dtype=np.float64)


def _model(profiles: Profiles, period: str, rate: float, new_points: float, *, is_count: bool) -> _Model:
    """The model of the window (period "") or of a past window ("_0", "_1" ...)."""
    table, component, size = profiles.table, profiles.component, len(profiles.component)
    is_unlinked = int(component.max(initial=-1)) + 1 == size

    def of_group(values: Floats) -> Floats:
        if is_unlinked:
            return values
        return np.asarray(np.bincount(component, weights=values, minlength=size)[component], dtype=np.float64)

    orders = table[f"orders{period}"].to_numpy(dtype=np.float64)
    active = (orders > 0).astype(np.float64)
    if f"expected{period}" in table:
        expected = table[f"expected{period}"].to_numpy(dtype=np.float64)
    else:
        expected = rate * (active if is_count else orders)
    is_new = table[f"is_new{period}"].to_numpy(dtype=bool)
    sums = of_group(orders), of_group(expected), of_group(active)
    return _Model(orders, is_new, component, expected, *sums, new_points, is_count)


def _limit(profiles: Profiles, now: _Model, before: Sequence[_Model], total: Floats, seed: int) -> float:
    """The lowest score from which on those listed are mostly not there by chance; infinite when there is none."""
    seen = np.sort(total[total >= MIN_SCORE])[::-1]
    if not len(seen):
        return float("inf")
    chance = np.maximum(_by_chance(now, seen, seed), _in_the_past(profiles, now, before, seen))
    count = np.arange(1, len(seen) + 1, dtype=np.float64)
    holds = (chance <= MAX_FALSE_SHARE * count) & (pdtrc(count - 1, chance) < MAX_CHANCE)
    # of equal scores all are in or none
    holds &= np.append(seen[1:] < seen[:-1], [True])
    return float(seen[np.flatnonzero(holds)[-1]]) if holds.any() else float("inf")


def _by_chance(now: _Model, seen: Floats, seed: int) -> Floats:
    """Expected number of customers at each score or above when every order is lost at its usual rate."""
    if now.is_count:
        return np.zeros(len(seen))
    rng = np.random.default_rng(seed)
    orders = now.orders.astype(np.int64)
    rate = np.clip(now.expected / np.maximum(now.orders, 1.0), 0.0, 1.0)
    draws = FEW_DRAWS if orders.sum() > MANY_ORDERS else DRAWS
    reached = np.ones(len(seen))
    for _ in range(draws):
        reached += _at_least(now.score(rng.binomial(orders, rate).astype(np.float64))[3], seen)
    return reached / (draws + 1)


def _in_the_past(profiles: Profiles, now: _Model, before: Sequence[_Model], seen: Floats) -> Floats:
    """Mean number of such customers in the past windows, scaled to the active customers of the window."""
    found = np.zeros(len(seen))
    for number, model in enumerate(before):
        lost = profiles.table[f"lost_{number}"].to_numpy(dtype=np.float64)
        per_customer = float((now.orders > 0).sum()) / max(float((model.orders > 0).sum()), 1.0)
        found += _at_least(model.score(lost)[3], seen) * per_customer
    return found / max(len(before), 1)


def _at_least(values: Floats, levels: Floats) -> Floats:
    """How many values reach each level."""
    ordered = np.sort(values[values >= MIN_SCORE])
    return np.asarray(len(ordered) - np.searchsorted(ordered, levels, side="left"), dtype=np.float64)
