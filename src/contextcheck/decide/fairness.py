"""Whether markets are flagged, listed and acted on more often than their losses justify: shares with exact tests."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, isfinite
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from contextcheck.records import Finding, Investigation

What = Literal["flags", "accounts", "actions"]
KINDS: tuple[What, ...] = ("flags", "accounts", "actions")
ACTING = frozenset({"act-on-accounts", "roll-back"})
"""Recommendations that take something from customers of a market."""

FEWEST = 5
"""Flags (all, those that list accounts, those to act on) in all, below which nothing can be shown about shares."""

FEWEST_IN_MARKET = 2
"""A market with a single one is told, never called out: one flag is no pattern."""

LEVEL = 0.95
ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Share:
    """How many of one kind fall into a market, beside what its losses would lead to expect.

    Attributes:
        count: Flags in the market: all of them, those that list accounts, or those to act on.
        total: The same over all markets.
        low, high: 95 % interval of the market's share of them (Clopper and Pearson).
        expected: The market's share of the losses.
        p_value: Chance of so many or more if they fell as the losses do, corrected over the markets (Holm).
        is_more: Whether that is more than the losses justify.
    """

    count: int
    total: int
    low: float
    high: float
    expected: float
    p_value: float
    is_more: bool

    @property
    def share(self) -> float:
        return self.count / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class FairnessRow:
    """One market: what it lost, and how often it was flagged, listed and acted on.

    `accounts` counts every account; `shares["accounts"]` counts flags that list any, since the accounts of one incident
    stand or fall together. `no_loss` is how many of its flags came out as no loss of money.
    """

    region: str
    orders: float
    loss: float
    loss_share: float
    flags: int
    accounts: int
    no_loss: int
    actions: Mapping[str, int]
    shares: Mapping[What, Share]


@dataclass(frozen=True, slots=True)
class Fairness:
    """The page: markets, those that are called out with the reason, what could be judged and what could not."""

    rows: tuple[FairnessRow, ...]
    currency: str
    called_out: tuple[tuple[str, What], ...]
    not_judged: tuple[str, ...]
    files: int
    repeated: int
    judged: tuple[What, ...]


def fairness(investigations: Sequence[Investigation]) -> Fairness:
    """Hold flags, listed accounts and actions per market against what each market lost.

    Args:
        investigations: One scan or several, of the same shop; a flag that several of them have counts once.

    Returns:
        A row per market, largest loss first, and the markets with more than their losses justify.

    Method: a market's loss is what its cancels, returns, refunds and disputes cost over all days of the scan, flagged
        or not, per day, averaged over the scans. If flags fell on markets in proportion to their losses, a market
        with the share s of the losses would have Binomial(n, s) of the n flags. One-sided exact test of more than
        that, corrected over the markets by Holm; the interval of the share is Clopper and Pearson's. Called out: p
        below 5 %, at least 2 in the market and 5 in all. The same for flags that list accounts (all accounts of one
        incident count once) and for flags that call for a roll-back or an act on accounts.
    Source: Clopper and Pearson (1934), Biometrika 26; Holm (1979), Scandinavian Journal of Statistics 6(2).
    Blind spots: flags answer to changes, losses are levels; flags of one incident are not independent, which makes the
        test call out a little too soon; a loss that the columns do not show is not in the shares; the losses contain
        what abuse costs, so a market with much abuse has many flags rightly; within a market nothing is compared.
    """
    findings, repeated = _unique(investigations)
    losses, orders, reasons = _losses(investigations)
    total = sum(losses.values())
    currency = next((each.ledger.currency for each in findings if each.ledger.currency), "")
    counted = {what: _counts(findings, what, losses) for what in KINDS}
    not_judged, judged = list(reasons), []
    shares: dict[What, dict[str, Share]] = {}
    for what in KINDS:
        shares[what], reason = _shares(counted[what], losses, what)
        if reason:
            not_judged.append(reason)
        else:
            judged.append(what)
    rows = [
        _row(region, orders[region], losses[region], total, findings, {what: shares[what][region] for what in KINDS})
        for region in losses
    ]
    rows.sort(key=lambda row: (-row.loss, row.region))
    called = tuple((row.region, what) for row in rows for what in KINDS if row.shares[what].is_more)
    return Fairness(tuple(rows), currency, called, tuple(not_judged), len(investigations), repeated, tuple(judged))


def _unique(investigations: Sequence[Investigation]) -> tuple[list[Finding], int]:
    """Every flag once, the newest scan's version of it, and how many were left out as repeated."""
    found: dict[str, Finding] = {}
    every = [each for one in sorted(investigations, key=lambda one: one.run.as_of) for each in one.findings]
    for each in every:
        found[each.flag.id] = each
    return list(found.values()), len(every) - len(found)


def _losses(investigations: Sequence[Investigation]) -> tuple[dict[str, float], dict[str, float], list[str]]:
    """Loss per day and orders of every market whose loss is known, and what is not known."""
    per_day: dict[str, list[float]] = {}
    orders: dict[str, float] = {}
    missing: set[str] = set()
    for one in investigations:
        missing |= set(one.regions) - {each.region for each in one.markets}
        for market in one.markets:
            if market.loss is None or not market.loss.is_finite() or market.days == 0:
                missing.add(market.region)
                continue
            per_day.setdefault(market.region, []).append(max(float(market.loss) / market.days, 0.0))
            orders[market.region] = orders.get(market.region, 0.0) + market.orders
    losses = {region: sum(values) / len(values) for region, values in per_day.items()}
    unknown = sorted(missing - set(losses))
    reasons = [f"loss not known, so not judged: {', '.join(unknown)}"] if unknown else []
    return losses, orders, reasons


def _counts(findings: Iterable[Finding], what: What, regions: Iterable[str]) -> dict[str, int]:
    """How many there are in each market whose loss is known."""
    counts = dict.fromkeys(regions, 0)
    for each in findings:
        if each.flag.region not in counts:
            continue
        if what == "flags":
            counts[each.flag.region] += 1
        elif what == "accounts":
            counts[each.flag.region] += bool(each.explained.accounts.review)
        else:
            counts[each.flag.region] += each.recommendation.action in ACTING
    return counts


def _shares(counts: Mapping[str, int], losses: Mapping[str, float], what: What) -> tuple[dict[str, Share], str]:
    """Every market's share with its test; a reason where too few are there to judge."""
    total, loss = sum(counts.values()), sum(losses.values())
    expected = {region: losses[region] / loss if loss > 0 else 0.0 for region in counts}
    raw = {region: binomial_tail(count, total, expected[region]) for region, count in counts.items()}
    corrected = holm(raw)
    reason = ""
    if total < FEWEST:
        reason = f"{_NAMES[what]}: {total} in all, too few to judge how they fall on markets ({FEWEST} needed)"
    elif loss <= 0:
        reason = f"{_NAMES[what]}: no market lost anything that could be measured"
    shares = {}
    for region, count in counts.items():
        low, high = clopper_pearson(count, total, LEVEL)
        is_more = not reason and count >= FEWEST_IN_MARKET and corrected[region] < ALPHA
        shares[region] = Share(count, total, low, high, expected[region], corrected[region], is_more)
    return shares, reason


_NAMES: dict[What, str] = {"flags": "flags", "accounts": "flags that list accounts", "actions": "flags to act on"}


def _row(
    region: str,
    orders: float,
    loss: float,
    total: float,
    findings: Sequence[Finding],
    shares: Mapping[What, Share],
) -> FairnessRow:
    own = [each for each in findings if each.flag.region == region]
    actions: dict[str, int] = {}
    for each in own:
        actions[each.recommendation.action] = actions.get(each.recommendation.action, 0) + 1
    return FairnessRow(
        region=region,
        orders=orders,
        loss=loss,
        loss_share=loss / total if total > 0 else 0.0,
        flags=len(own),
        accounts=sum(len(each.explained.accounts.review) for each in own),
        no_loss=sum(_is_no_loss(each) for each in own),
        actions=actions,
        shares=shares,
    )


def _is_no_loss(finding: Finding) -> bool:
    """Whether the money of a flag was counted and is not a loss, even at the low end of what is likely."""
    estimate = finding.ledger.contribution_per_day
    return estimate is not None and estimate.value.is_finite() and estimate.value >= 0


def binomial_tail(count: int, total: int, share: float) -> float:
    """Give the chance of `count` or more out of `total` when each falls here with chance `share`.

    Example:
        >>> round(binomial_tail(3, 3, 0.5), 3)
        0.125
    """
    if count <= 0:
        return 1.0
    if share <= 0:
        return 0.0
    if share >= 1:
        return 1.0
    if total > 1000:
        mean, spread = total * share, (total * share * (1 - share)) ** 0.5
        return 1.0 - NormalDist(mean, spread).cdf(count - 0.5)
    below = sum(comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(count))
    return min(max(1.0 - below, 0.0), 1.0)


def clopper_pearson(count: int, total: int, level: float) -> tuple[float, float]:
    """Give the exact interval of a share.

    Example:
        >>> low, high = clopper_pearson(2, 10, 0.95)
        >>> round(low, 4), round(high, 4)
        (0.0252, 0.5561)
    """
    if total == 0:
        return 0.0, 1.0
    tail = (1 - level) / 2
    low = 0.0 if count == 0 else _root(lambda share: binomial_tail(count, total, share) - tail)
    high = 1.0 if count == total else _root(lambda share: binomial_tail(count + 1, total, share) - (1 - tail))
    return low, high


def _root(rises: Callable[[float], float]) -> float:
    """Where a rising function of a share crosses 0."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if rises(middle) > 0 else (middle, high)
    return (low + high) / 2


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Give p values corrected for looking at several markets at once.

    Example:
        >>> holm({"a": 0.01, "b": 0.04, "c": 0.5})
        {'a': 0.03, 'b': 0.08, 'c': 0.5}
    """
    corrected, largest = {}, 0.0
    ordered = sorted(p_values.items(), key=lambda pair: (pair[1], pair[0]))
    for position, (name, value) in enumerate(ordered):
        assert isfinite(value), name
        largest = max(largest, min(1.0, value * (len(ordered) - position)))
        corrected[name] = largest
    return corrected
