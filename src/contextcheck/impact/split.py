"""Whether customers who saw a feature can be compared with those who did not, and what is compared then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from contextcheck.impact.least_squares import least_squares
from contextcheck.panel.arms import GROUPS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contextcheck.panel.arms import Arms
    from contextcheck.panel.table import Panel

MIN_CUSTOMERS = 100
MAX_MIXED = 0.02
MAX_WITHOUT_CUSTOMER = 0.05
LEAST_P = 0.001
"""Below this chance a split counts as broken; looked at for every region of every run, so a strict one."""
USUAL_SHARES = (
    0.01,
    0.02,
    0.05,
    0.1,
    0.2,
    0.25,
    0.3,
    1 / 3,
    0.4,
    0.5,
    0.6,
    2 / 3,
    0.7,
    0.75,
    0.8,
    0.9,
    0.95,
    0.98,
    0.99,
)
"""Shares that people plan; the nearest one stands in where `launches[].exposed_share` is not given."""


@dataclass(frozen=True, slots=True)
class Split:
    """Customers who saw the feature beside customers who did not.

    Attributes:
        panel: Daily sums by arm and group of customers; None when the split cannot be used.
        share: Planned share of customers who see it.
        is_planned: Whether the settings name that share; otherwise the nearest usual one was taken.
        exposed: Customers who saw it on all their orders.
        unexposed: Customers who never saw it.
        p_ratio: Chance of numbers of customers as far from the plan.
        p_before: Chance of a difference as large between the arms' orders before the launch; 1 when there are none.
        reason: Why it cannot be used; empty when it can.
    """

    panel: Panel | None
    share: float = 0.5
    is_planned: bool = False
    exposed: int = 0
    unexposed: int = 0
    p_ratio: float = 1.0
    p_before: float = 1.0
    reason: str = ""


def judge_split(arms: Arms, planned_share: float | None) -> Split:
    """Say whether the arms come from a random split of customers.

    Args:
        arms: Numbers of customers, their orders before, and the panel by arm.
        planned_share: Share of customers who were meant to see the feature; None when not known.

    Returns:
        The split; its reason says what speaks against it.

    Method: refused when a column is missing, over 5 % of orders name no customer, over 2 % of customers are in both
        arms, an arm has under 100 customers, the numbers of customers miss the planned share (two-sided normal test of
        a binomial share, p at most 0.001), or the arms' customers ordered differently before the launch (orders per
        customer, spread over 200 groups of customers, p at most 0.001).
    Source: sample-ratio mismatch, Fabijan et al. (2019), KDD; Kohavi, Tang and Xu (2020), chapter 21.
    Blind spots: only customers who order are seen, so a feature that wins or loses many customers looks like a broken
        split; without a planned share a small departure is taken for another plan.
    """
    if arms.panel is None:
        return Split(None, reason=arms.reason)
    unexposed, exposed, mixed = arms.customers
    share = planned_share or nearest_share(exposed, unexposed)
    p_ratio = ratio_chance(exposed, unexposed, share)
    p_before = _chance_before(arms.before, exposed, unexposed)
    known = Split(arms.panel, share, planned_share is not None, exposed, unexposed, p_ratio, p_before)
    reason = _too_few(exposed, unexposed, mixed, arms.without_customer) or _not_random(known)
    if not reason:
        return known
    return Split(None, share, planned_share is not None, exposed, unexposed, p_ratio, p_before, reason)


def _too_few(exposed: int, unexposed: int, mixed: int, without_customer: float) -> str:
    everybody = exposed + unexposed + mixed
    if everybody == 0 or exposed == 0:
        return "no customer with feature_exposed"
    if unexposed == 0 and mixed == 0:
        return "every customer saw the feature"
    if without_customer > MAX_WITHOUT_CUSTOMER:
        return f"{percent(without_customer)} of the orders name no customer"
    if mixed > MAX_MIXED * everybody:
        return f"{percent(mixed / everybody)} of the customers saw the feature on some orders and not on others"
    if min(exposed, unexposed) < MIN_CUSTOMERS:
        return f"{exposed:,} exposed and {unexposed:,} unexposed customers, {MIN_CUSTOMERS} of each needed"
    return ""


def _not_random(split: Split) -> str:
    if split.p_ratio <= LEAST_P:
        everybody = split.exposed + split.unexposed
        seen = percent(split.exposed / everybody, 1)
        plan = "planned" if split.is_planned else "the nearest usual plan"
        return (
            f"{seen} of {everybody:,} customers saw it, {percent(split.share, 1)} is {plan}"
            f" (p {_chance(split.p_ratio)}): not a clean random split"
            + ("" if split.is_planned else "; name the plan as exposed_share under launches if it was another")
        )
    if split.p_before <= LEAST_P:
        return f"exposed and unexposed customers already differed before the launch (p {_chance(split.p_before)})"
    return ""


def percent(share: float, digits: int = 0) -> str:
    """A share as people write it: "30 %"."""
    return f"{100 * share:.{digits}f} %"


def _chance(p: float) -> str:
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}"


def nearest_share(exposed: int, unexposed: int) -> float:
    """The usual planned share that these numbers of customers speak for most."""
    return max(USUAL_SHARES, key=lambda share: exposed * np.log(share) + unexposed * np.log(1 - share))


def ratio_chance(exposed: int, unexposed: int, share: float) -> float:
    """Give the chance of numbers of customers as far from the planned share, two-sided.

    Example:
        >>> round(ratio_chance(821_588, 815_482, 0.5), 7)
        1.8e-06
    """
    everybody = exposed + unexposed
    if everybody == 0:
        return 1.0
    z = (exposed - everybody * share) / np.sqrt(everybody * share * (1 - share))
    return float(2 * ndtr(-abs(z)))


def _chance_before(before: NDArray[np.float64] | None, exposed: int, unexposed: int) -> float:
    """Chance of as large a difference in orders per customer before the launch, over groups of customers."""
    if before is None or before.sum() == 0 or min(exposed, unexposed) == 0:
        return 1.0
    rates = np.concatenate([before[0] / unexposed, before[1] / exposed]) * GROUPS
    is_exposed = np.repeat([0.0, 1.0], GROUPS)
    return least_squares(rates, {"exposed": is_exposed})["exposed"].chance
