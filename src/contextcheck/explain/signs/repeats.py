"""Do single accounts come back again and again and keep nothing?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betainc, pdtrc

from contextcheck.explain.links import linked_groups
from contextcheck.explain.signs.concentration import share_of_excess
from contextcheck.explain.signs.outcome import (
    MIN_ORDERS,
    decided,
    leaves_open,
    missing,
    not_testable,
    order_words,
    percent,
)
from contextcheck.records import Estimate

if TYPE_CHECKING:
    from contextcheck.explain.signs.interface import SignOutcome
    from contextcheck.explain.slices import Codes, Floats, Mask, Slice
    from contextcheck.knowledge.signs import Sign

MAX_KEPT = 0.10
"""A day's orders are lost when at most this share of them is kept."""
MIN_DAYS, MIN_LOST_DAYS, MIN_RATE_RATIO = 3, 0.6, 1.5
MIN_ACCOUNTS = 5
MAX_PAST_WINDOWS = 4
P_LIMIT = 0.01
NEVER_BOUGHT = ("awaiting_payment", "expired_unpaid", "refused")
"""Orders that were never paid or taken are a matter of the way to pay, not of a change of mind."""
KEYS = ("device_id", "address_id", "payment_id")


@dataclass(frozen=True, slots=True)
class Visits:
    """Days on which customers ordered, one row per customer and day: all orders of a day are one decision.

    Attributes:
        customer: Customer code of each row.
        lost: 1 when next to nothing of that day's orders was kept, else 0.
    """

    customer: Codes
    lost: Floats


class Repeats:
    """Say whether a few single accounts order on day after day, keep nothing, and carry a share of the excess.

    Method: a customer's orders of one local day are one visit (without those never paid or taken); it is lost when at
        most 10 % of their value is kept, so that an order placed again the same day is none. An account stands out when
        at least 3 visits and 60 % of its visits in the window are lost, and they are more than 1.5 times what its
        visits would have at the usual rate plus two standard deviations. Accounts that share a device, address or
        payment instrument with another one that stands out are left out: those are a group. The share is the excess in
        the orders of these accounts, less what such accounts (chosen in the same way) carry in up to four windows of
        the quiet past: some people always do this. "Again and again" holds when at least five accounts more than usual
        stand out, the share reaches the wanted one, and p is below 0.01: the chance of so many accounts when as many
        are usual as the larger of two counts says: those that stood out in the windows of the past, and those that
        would if every visit were lost at the usual rate (sum of binomial tails); Poisson, one added.
    Source: Poisson approximation of a number of rare events, Le Cam (1960), Pacific Journal of Mathematics 10; the one
        that is added as in Phipson and Smyth (2010).
    Blind spots: accounts that order once or twice each; accounts that hide among orders they keep; a practice that is
        new, lasting and all or nothing for each customer who follows it looks the same.

    Example:
        >>> import numpy as np
        >>> visits = Visits(np.repeat([0, 1], [3, 27]), np.repeat([1.0, 0.0], [3, 27]))
        >>> stands_out(visits, 2).tolist()
        [True, False]
    """

    def test(self, slice_: Slice, sign: Sign) -> SignOutcome:
        """Test the sign; see `SignTest`."""
        refused = missing(slice_, sign, "customer_id", "order_total", "retained_total")
        if refused:
            return refused
        flagged = slice_.focus & slice_.in_window & (slice_.amount != 0)
        n, words = int(flagged.sum()), order_words(slice_, "flagged")
        if n < MIN_ORDERS:
            return not_testable(sign, f"{n} {words} in the window, {MIN_ORDERS} needed", n)
        if not slice_.has_past:
            return not_testable(sign, f"no quiet past to compare with: {slice_.scene.before_reason}", n)
        return _outcome(slice_, sign, n)


def visits_of(slice_: Slice, days: Mask) -> Visits:
    """The visits of some days: all orders that count, whether in focus or not."""
    chosen = days & (slice_.exposure > 0) & slice_.frame["customer_id"].notna().to_numpy()
    if slice_.has("status"):
        chosen &= slice_.kept("repeats bought", lambda: ~slice_.frame["status"].isin(NEVER_BOUGHT).to_numpy())
    day = slice_.day[chosen].astype("datetime64[D]").astype(np.int64)
    pairs = np.stack([slice_.cluster[chosen], day], axis=1)
    seen, place = np.unique(pairs, axis=0, return_inverse=True)
    # an order whose rest is not known counts as kept
    total = np.nan_to_num(slice_.numbers("order_total")[chosen])
    kept = np.nan_to_num(slice_.numbers("retained_total")[chosen], nan=np.inf)
    ordered, stayed = (np.bincount(place.ravel(), weights=each, minlength=len(seen)) for each in (total, kept))
    return Visits(seen[:, 0], (stayed <= MAX_KEPT * ordered).astype(np.float64))


def stands_out(visits: Visits, customers: int) -> Mask:
    """Which customers lost nearly all of many visits, by customer code."""
    size = np.bincount(visits.customer, minlength=customers).astype(np.float64)
    lost = np.bincount(visits.customer, weights=visits.lost, minlength=customers).astype(np.float64)
    return _standing(lost, size, visits.lost)


def _standing(lost: Floats, size: Floats, all_lost: Floats) -> Mask:
    rate = float(all_lost.mean()) if len(all_lost) else 0.0
    return np.asarray((lost >= MIN_DAYS) & (lost >= MIN_LOST_DAYS * size) & (lost > _limit(rate * size)))


def _limit(usual: Floats) -> Floats:
    limit: Floats = MIN_RATE_RATIO * usual + 2 * np.sqrt(usual)
    return limit


def by_chance(visits: Visits) -> float:
    """How many customers would stand out if every visit were lost at the usual rate, each for itself."""
    size = np.bincount(visits.customer).astype(np.float64)
    size = size[size >= MIN_DAYS]
    if not len(size):
        return 0.0
    rate = float(np.clip(visits.lost.mean(), 1e-6, 1.0))
    least = np.maximum(np.ceil(MIN_LOST_DAYS * size - 1e-9), MIN_DAYS)
    least = np.maximum(least, np.floor(_limit(np.asarray(rate * size))) + 1)
    # P(X >= k) of a binomial is the regularised incomplete beta function I_p(k, n - k + 1)
    return float(np.where(least > size, 0.0, betainc(least, np.maximum(size - least, 0.0) + 1.0, rate)).sum())


def lone_accounts(slice_: Slice, days: Mask) -> Mask:
    """Customers (by code) that stand out on some days and share nothing with another one that does."""
    standing = stands_out(visits_of(slice_, days), int(slice_.cluster.max(initial=-1)) + 1)
    keys = [column for column in KEYS if slice_.has(column)]
    if not keys or not standing.any():
        return standing
    group = linked_groups(slice_, keys, 2).of_customer
    together = np.bincount(group[standing & (group >= 0)], minlength=int(group.max(initial=-1)) + 2)
    return standing & ((group < 0) | (together[group] < 2))


def _past(slice_: Slice) -> tuple[float, float]:
    """Such accounts, and their flagged orders beyond usual, per window of the past that is as long as the flag.

    0 and 0 when the past is shorter than the flag.
    """
    scene = slice_.scene
    assert scene.before is not None
    count = min(scene.before.days // scene.window.days, MAX_PAST_WINDOWS)
    accounts, carried = 0.0, 0.0
    window_orders = float(slice_.exposure[slice_.in_window].sum())
    for place in range(count):
        end = np.datetime64(scene.before.end) - np.timedelta64(scene.window.days * place, "D")
        days = ~slice_.in_window & (slice_.day > end - np.timedelta64(scene.window.days, "D")) & (slice_.day <= end)
        mine = lone_accounts(slice_, days)[slice_.cluster]
        orders = float(slice_.exposure[days].sum())
        scale = window_orders / orders if orders else 0.0
        rest = ~slice_.in_window & ~days
        usual = float(slice_.amount[rest & mine].sum()) * orders / max(float(slice_.exposure[rest].sum()), 1.0)
        accounts += scale * float(np.unique(slice_.cluster[days & mine]).size)
        carried += scale * (float(slice_.amount[days & mine].sum()) - usual)
    return (accounts / count, carried / count) if count else (0.0, 0.0)


def _outcome(slice_: Slice, sign: Sign, n: int) -> SignOutcome:
    standing = slice_.kept("repeats", lambda: lone_accounts(slice_, slice_.in_window))
    members = slice_.focus & standing[slice_.cluster]
    number = int(np.unique(slice_.cluster[members & slice_.in_window]).size)
    wanted = sign.number("share")
    if not number:
        nothing = Estimate(0.0, 0.0, 0.0)
        sentence = "no single account orders on day after day and keeps nothing"
        return decided(
            sign, holds=False, sentence=sentence, effect=nothing, unit="share of the excess", n=n, p_value=1.0
        )
    usual_accounts, usual_carried = slice_.kept("repeats before", lambda: _past(slice_))
    usual_accounts = max(usual_accounts, slice_.kept("repeats by chance", lambda: _by_chance_now(slice_)))
    share = _share(slice_, members, usual_carried)
    p_value = float(pdtrc(number - 1, usual_accounts + 1.0))
    is_several = number >= MIN_ACCOUNTS + usual_accounts
    holds: bool | None = None
    if is_several and share.value >= wanted and share.low > 0 and p_value < P_LIMIT:
        holds = True
    elif not is_several or share.high < wanted or p_value >= P_LIMIT:
        holds = False
    accounts = "1 account" if number == 1 else f"{number} accounts"
    carried = percent(max(share.value, 0.0))
    usual = "1 such account is" if round(usual_accounts) == 1 else f"{usual_accounts:.0f} such accounts are"
    sentence = (
        f"{accounts} ordered on day after day, kept nothing on most of them and carry {carried} of the excess; "
        f"{usual} usual here in as many days"
    )
    return decided(
        sign,
        holds=holds,
        sentence=sentence,
        effect=share,
        unit="share of the excess",
        n=n,
        p_value=p_value,
        members=members,
        unclear=leaves_open(share, wanted),
    )


def _share(slice_: Slice, members: Mask, usual_carried: float) -> Estimate:
    """Share of the excess in focus, less what such accounts carry in quiet windows as well."""
    found = share_of_excess(slice_, members, by_order=True).estimate()
    total = slice_.excess(slice_.resampler(3), slice_.focus).value
    usual = max(usual_carried, 0.0) / total if total > 0 else 0.0
    return Estimate(found.value - usual, found.low - usual, found.high - usual)


def _by_chance_now(slice_: Slice) -> float:
    return by_chance(visits_of(slice_, slice_.in_window))
