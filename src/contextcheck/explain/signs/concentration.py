"""Do few accounts, or few linked groups of accounts, carry the excess?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.explain.dealing import PERMUTATIONS, events_among, permutations, without_usual_volume
from contextcheck.explain.links import linked_groups
from contextcheck.explain.remembered import remembered
from contextcheck.explain.resampling import Resampler, customer_groups, ratio
from contextcheck.explain.signs.outcome import MIN_ORDERS, decided, leaves_open, not_testable, order_words, percent

if TYPE_CHECKING:
    from contextcheck.explain.resampling import Draws
    from contextcheck.explain.signs.interface import SignOutcome
    from contextcheck.explain.slices import Codes, Floats, Mask, Slice
    from contextcheck.knowledge.signs import Sign

MIN_RATE_RATIO = 1.5
MIN_EVENTS = 3.0
P_LIMIT = 0.01
MIN_POOL_RATIO = 4
KEY_WORDS = {"device_id": "devices", "address_id": "addresses", "payment_id": "payment instruments"}


@dataclass(frozen=True, slots=True)
class Units:
    """What is permuted: customers (for linked groups) or orders (for single customers).

    Attributes:
        events: Flagged orders per unit.
        volume: Orders per unit.
        label: Group of the unit, -1 for none.
        stratum: Units are only exchanged within a stratum (like volumes).
        groups: Number of groups, whether they have a unit or not.
    """

    events: Floats
    volume: Floats
    label: Codes
    stratum: Codes
    groups: int


class Concentration:
    """Say whether a few accounts or linked groups carry the excess, beyond what their volume would give them.

    Method: customers are linked by shared keys (see `links`); a group stands out when its flagged orders exceed 1.5
        times what its volume would have at the rate of all others, plus two standard deviations. Statistic: the
        flagged orders beyond that, summed over groups; p-value from 999 permutations of the group labels among
        customers of like volume (strata that are mostly labelled are joined with the next lower one; of events among
        orders, for single customers), with the choice of groups repeated in each. "Few" holds when the groups that
        stand out carry the wanted share of the excess and p is below 0.01; it does not hold when the upper end of the
        share lies below, or p is above.
    Source: permutation with the selection inside, Westfall and Young (1993), Resampling-Based Multiple Testing.
    Blind spots: a ring without a shared key; households and offices behave like everybody else and do not stand out,
        but an office that shares a habit can.

    Example:
        >>> import numpy as np
        >>> events, volume, label = np.array([5.0, 0, 0, 0]), np.full(4, 5.0), np.array([0, 1, 1, 1])
        >>> units = Units(events, volume, label, np.zeros(4, int), 2)
        >>> stands_out(units).tolist()
        [True, False]
    """

    def test(self, slice_: Slice, sign: Sign) -> SignOutcome:
        """Test the sign; see `SignTest`."""
        wanted = sign.texts("over") or ((sign.text("over"),) if sign.text("over") else ())
        columns = [column for column in wanted if slice_.has(column)]
        if not columns:
            return not_testable(sign, f"the orders have none of the columns {', '.join(wanted)}")
        words = order_words(slice_, "flagged")
        events = int((slice_.focus & slice_.in_window & (slice_.amount != 0)).sum())
        if events < MIN_ORDERS:
            return not_testable(sign, f"{events} {words} in the window, {MIN_ORDERS} needed", events)
        if not slice_.has_past:
            return not_testable(sign, f"no quiet past to take the excess from: {slice_.scene.before_reason}", events)
        keys = [column for column in columns if column != "customer_id"]
        label, accounts = carriers(slice_, keys)
        units = units_of(slice_, label, by_customer=bool(keys))
        return _outcome(slice_, sign, units, label, accounts, keys)


def carriers(slice_: Slice, keys: list[str]) -> tuple[Codes, Codes]:
    """Group of each customer and accounts per group; without keys every customer is a group of its own."""
    if not keys:
        count = int(slice_.cluster.max()) + 1
        return np.arange(count, dtype=np.int64), np.ones(count, dtype=np.int64)
    groups = linked_groups(slice_, keys)
    return groups.of_customer, groups.accounts


def units_of(slice_: Slice, label: Codes, *, by_customer: bool) -> Units:
    """Flagged orders and volume of the window per customer, or per order; `label` is the group of each customer."""
    groups = int(label.max(initial=-1)) + 1
    if not by_customer:
        among, carried = events_among(slice_)
        size = len(carried)
        return Units(carried, np.ones(size), label[slice_.cluster[among]], np.zeros(size, dtype=np.int64), groups)
    chosen = slice_.focus & slice_.in_window & (slice_.exposure > 0)
    cluster, events = slice_.cluster[chosen], np.abs(slice_.amount[chosen])
    here, position = np.unique(cluster, return_inverse=True)
    orders = np.bincount(position).astype(np.float64)
    is_count = slice_.scene.metric.kind == "count"
    stratum = np.zeros(len(here)) if is_count else np.minimum(np.floor(np.log2(orders)), 6)
    volume = np.ones(len(here)) if is_count else orders
    flagged = np.bincount(position, weights=events).astype(np.float64)
    return Units(flagged, volume, label[here], stratum.astype(np.int64), groups)


def stands_out(units: Units) -> Mask:
    """Which groups carry clearly more events than their volume would have at the rate of everybody."""
    inside = np.flatnonzero(units.label >= 0)
    return group_surplus(units, inside, units.label[inside]) > 0


def group_surplus(units: Units, chosen: Codes, labels: Codes) -> Floats:
    """Events of each group beyond 1.5 times the rate of all others plus two standard deviations; 0 when not beyond.

    Args:
        units: All units.
        chosen: Positions of the units that are in a group.
        labels: The group of each chosen unit.
    """
    seen = _sums(labels, units.events[chosen], units.groups)
    size = _sums(labels, units.volume[chosen], units.groups)
    return _surplus(seen, size, float(units.events.sum()), float(units.volume.sum()))


def _sums(labels: Codes, weights: Floats, groups: int) -> Floats:
    return np.bincount(labels, weights=weights, minlength=groups).astype(np.float64)


def _surplus(seen: Floats, size: Floats, events: float, volume: float) -> Floats:
    """The same from each group's events and volume, and those of all units."""
    rest = max(volume, 1.0) - size
    usual = np.divide(events - seen, rest, out=np.zeros(len(seen)), where=rest > 0) * size
    limit = np.maximum(MIN_RATE_RATIO * usual + 2 * np.sqrt(usual), MIN_EVENTS)
    return np.where(seen > limit, seen - usual, 0.0)


@remembered
def permutation_p(units: Units, seed: int, draws: int = PERMUTATIONS) -> float:
    """P-value of the summed surplus when labels are exchanged among units of the same stratum."""
    labelled = np.flatnonzero(units.label >= 0)
    seen = float(group_surplus(units, labelled, units.label[labelled]).sum())
    if seen <= 0:
        return 1.0
    rng = np.random.default_rng(seed)
    if len(labelled) == len(units.label) and not units.stratum.any() and (units.volume == units.volume[0]).all():
        return (1 + _reached_by_events(units, rng, seen, draws)) / (draws + 1)
    stratum = merged_strata(units)
    pools = {int(s): np.flatnonzero(stratum == s) for s in np.unique(stratum[labelled])}
    members = {s: labelled[stratum[labelled] == s] for s in pools}
    labels = np.concatenate([units.label[members[s]] for s in pools])
    reached = 0
    for _ in range(draws):
        picked = np.concatenate([_picked(rng, pools[s], len(members[s])) for s in pools])
        reached += float(group_surplus(units, picked, labels).sum()) >= seen
    return (1 + reached) / (draws + 1)


def _reached_by_events(units: Units, rng: np.random.Generator, seen: float, draws: int) -> int:
    """In how many permutations the summed surplus is reached, where every unit has a group and all are of one size.

    To exchange the labels of such units is to exchange their events, of which there are few.
    """
    carried = units.events[units.events > 0]
    size = _sums(units.label, units.volume, units.groups)
    events, volume = float(carried.sum()), float(units.volume.sum())
    reached = 0
    for _ in range(draws):
        labels = units.label[rng.choice(len(units.label), len(carried), replace=False)]
        found = _sums(labels, carried, units.groups)
        reached += float(_surplus(found, size, events, volume).sum()) >= seen
    return reached


def merged_strata(units: Units) -> Codes:
    """Strata joined downwards until each holds four times as many units as have a label.

    Otherwise a ring of heavy buyers would fill its stratum and be exchanged with nobody but itself.
    """
    stratum = units.stratum.copy()
    for high in np.unique(stratum)[:0:-1]:
        inside = stratum == high
        if int(inside.sum()) < MIN_POOL_RATIO * int((inside & (units.label >= 0)).sum()):
            stratum[inside] = stratum[stratum < high].max()
    return stratum


def _picked(rng: np.random.Generator, pool: Codes, size: int) -> Codes:
    """Units without repetition; with repetition when the pool is 50 times larger, where that hardly happens."""
    if size * 50 < len(pool):
        return pool[rng.integers(0, len(pool), size)]
    return rng.choice(pool, size, replace=False)


def _outcome(slice_: Slice, sign: Sign, units: Units, label: Codes, accounts: Codes, keys: list[str]) -> SignOutcome:
    wanted = sign.number("share") if "share" in sign.options else 0.5
    standing = stands_out(units)
    of_order = label[slice_.cluster]
    members = slice_.focus & (of_order >= 0)
    members[members] = standing[of_order[members]] if len(standing) else False
    unknown = "" if keys or standing.any() else without_usual_volume(slice_)
    if unknown:
        return not_testable(sign, unknown, int((units.events > 0).sum()))
    share = share_of_excess(slice_, members, by_order=not keys)
    draws = permutations(slice_, units.events)
    p_value = permutation_p(units, slice_.scene.seed, draws) if standing.any() else 1.0
    estimate = share.estimate()
    holds: bool | None = None
    if estimate.value >= wanted and p_value < P_LIMIT and estimate.low > 0:
        holds = True
    elif not estimate.high >= wanted or p_value >= P_LIMIT:
        holds = False
    flagged = slice_.focus & slice_.in_window & (slice_.amount != 0)
    return decided(
        sign,
        holds=holds,
        sentence=_sentence(share.value, standing, accounts, keys),
        effect=estimate,
        unit="share of the excess",
        n=int(flagged.sum()),
        p_value=p_value,
        members=members,
        unclear=leaves_open(estimate, wanted),
    )


def share_of_excess(slice_: Slice, members: Mask, *, by_order: bool = False) -> Draws:
    """Share of the excess in focus that some orders carry.

    `by_order` draws orders instead of customers: for "these customers carry it" the customers are given, and drawing
    them anew would say of every single customer that he may as well not have been there.
    """
    resampler = slice_.resampler(3)
    if by_order:
        units = customer_groups(np.arange(len(slice_.frame), dtype=np.int64))
        resampler = Resampler(units, slice_.scene.seed + 23757, slice_.draws)
    return ratio(slice_.excess(resampler, members & slice_.focus), slice_.excess(resampler, slice_.focus))


def _sentence(share: float, standing: Mask, accounts: Codes, keys: list[str]) -> str:
    if not keys:
        if not standing.any():
            return "no single customer stands out for the volume ordered"
        number = int(standing.sum())
        who = "one customer carries" if number == 1 else f"{number} customers carry"
        return f"{who} {percent(share)} of the excess"
    shared = " or ".join(KEY_WORDS.get(key, key) for key in keys)
    if not standing.any():
        return f"no group of accounts that share {shared} stands out"
    number, size = int(standing.sum()), int(accounts[standing].sum())
    groups = "one group" if number == 1 else f"{number} groups"
    return f"{groups} of {size} accounts that share {shared} carry {percent(share)} of the excess"
