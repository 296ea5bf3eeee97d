"""The money of a feature over its regions, and what every market's cancels, returns and disputes cost in all."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.impact.amounts import money
from contextcheck.impact.development import PLACED_VALUE
from contextcheck.impact.together import correlations, error_parts_of, joint_reach
from contextcheck.impact.value import daily_value
from contextcheck.records import FeatureOutcome, LedgerLine, MarketTotals, MoneyEstimate, Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from contextcheck.panel.table import Panel
    from contextcheck.records import Ledger, LineStatus, RegionOutcome
    from contextcheck.settings import Costs

LOSS_LINES = (
    "goods_lost",
    "cancel_handling",
    "return_handling",
    "return_writedown",
    "chargeback_fees",
    "stock_held",
)
"""Lines of money that follow cancels, returns, refunds and disputes; they are all costs."""

STATUS_ORDER: tuple[LineStatus, ...] = ("measured", "assumed", "not_measured")


def feature_outcome(feature: str, regions: Sequence[RegionOutcome], currency: str) -> FeatureOutcome:
    """Give a feature's regions with their sum.

    Args:
        feature: As it is called in the launches.
        regions: The money and the recommendation of each launched region.
        currency: Reporting currency; the same for all regions.

    Returns:
        The sum over the regions whose money is known, the others by name. A line has the weakest status of its parts.

    Method: amounts per day add up, each region's since its own launch: the sum of ATT(g, t) over groups and days, each
        by its days, weighted with the regions' levels. The sum's reach counts how far the regions err together, see
        `correlations`; where that is not known the reaches are added, which is the widest that can come of it.
    Source: Callaway and Sant'Anna (2021), section 3, for the average; `correlations` for its error.
    Blind spots: a region that was launched long ago counts as much as one that was launched last week.
    """
    together = correlations([error_parts_of(each.ledger) for each in regions])
    is_known = [each.ledger.contribution_per_day is not None for each in regions]
    known = [each for each, told in zip(regions, is_known, strict=True) if told]
    together = together[np.ix_(is_known, is_known)]
    unknown = tuple(each.region for each in regions if each.ledger.contribution_per_day is None)
    return FeatureOutcome(
        feature=feature,
        regions=tuple(regions),
        currency=currency,
        contribution_per_day=_sum([each.ledger.contribution_per_day for each in known], together),
        lines=_summed_lines([each.ledger for each in known], together),
        not_known=unknown,
        judged_days=max((each.ledger.judged_days for each in known), default=0),
    )


def _sum(estimates: Sequence[MoneyEstimate | None], together: NDArray[np.float64]) -> MoneyEstimate | None:
    """The sum of what is known; its ends are as far away as errors that go together so far can take it."""
    is_known = [each is not None for each in estimates]
    known = [each for each in estimates if each is not None]
    if not known:
        return None
    inside = together[np.ix_(is_known, is_known)]
    value = sum((each.value for each in known), Decimal(0))
    below = joint_reach([float(each.value - each.low) for each in known], inside)
    above = joint_reach([float(each.high - each.value) for each in known], inside)
    return MoneyEstimate(value, value - money(below), value + money(above))


def _summed_lines(ledgers: Sequence[Ledger], together: NDArray[np.float64]) -> tuple[LedgerLine, ...]:
    by_id: dict[str, list[tuple[int, LedgerLine]]] = {}
    for number, ledger in enumerate(ledgers):
        for line in ledger.lines:
            by_id.setdefault(line.id, []).append((number, line))
    return tuple(
        _summed_line([line for _, line in group], together[np.ix_([at for at, _ in group], [at for at, _ in group])])
        for group in by_id.values()
    )


def _summed_line(group: Sequence[LedgerLine], together: NDArray[np.float64]) -> LedgerLine:
    missing = sum(line.per_day is None for line in group)
    weakest = max((line.status for line in group), key=STATUS_ORDER.index)
    is_whole = missing in (0, len(group))
    basis = group[0].basis if is_whole else f"{group[0].basis}; not known in {missing} of the regions"
    amount = _sum([line.per_day for line in group], together)
    return replace(group[0], per_day=amount, status=weakest, basis=basis, break_even="", immature="")


def market_totals(panel: Panel, costs: Costs) -> tuple[MarketTotals, ...]:
    """Give, for every market, its orders and what cancels, returns, refunds and disputes cost, flagged or not.

    Args:
        panel: Daily sums; its ledger metrics are read.
        costs: Unit costs.

    Returns:
        One row per market over all its complete, mature days. Nothing is compared: this is what happened, the
        measure that flags per market are held against.
    """
    days = panel.daily["day"]
    value = daily_value(panel, costs, Window(days.min().date(), days.max().date()))
    if value.reason:
        return tuple(MarketTotals(region, 0.0, 0, None, value.reason) for region in panel.regions)
    found = [line for line in value.lines if line.id in LOSS_LINES and line.amounts is not None]
    counts = panel.table(PLACED_VALUE, "events")
    rows = []
    for region in panel.regions:
        usable = value.usable[region] if region in value.usable.columns else None
        if usable is None or not usable.any():
            rows.append(MarketTotals(region, 0.0, 0, None, "no complete, mature day"))
            continue
        on = usable.index[usable.to_numpy(dtype=bool)]
        parts = [line.amounts.loc[on, region].fillna(0.0).sum() for line in found if line.amounts is not None]
        orders = float(counts.loc[on, region].fillna(0.0).sum())
        rows.append(MarketTotals(region, orders, len(on), money(-float(sum(parts)))))
    return tuple(rows)
