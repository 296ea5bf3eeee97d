"""The money of a feature over its regions, and what every market's cancels, returns and disputes cost in all."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from contextcheck.impact.amounts import money
from contextcheck.impact.value import PLACED_VALUE, daily_value
from contextcheck.records import FeatureOutcome, LedgerLine, MarketTotals, MoneyEstimate, Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from contextcheck.panel.table import Panel
    from contextcheck.records import LineStatus, RegionOutcome
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

    Method: amounts per day add up. The interval adds the regions' reaches: they are compared with the same controls, so
        their errors go together, and this is the widest that can come of it.
    Source: arithmetic; the triangle inequality for standard errors.
    Blind spots: regions launched on other days are summed per day all the same.
    """
    known = [each for each in regions if each.ledger.contribution_per_day is not None]
    unknown = tuple(each.region for each in regions if each.ledger.contribution_per_day is None)
    amounts = [each.ledger.contribution_per_day for each in known]
    return FeatureOutcome(
        feature=feature,
        regions=tuple(regions),
        currency=currency,
        contribution_per_day=_sum([each for each in amounts if each is not None]),
        lines=_summed_lines([line for each in known for line in each.ledger.lines]),
        not_known=unknown,
        judged_days=max((each.ledger.judged_days for each in known), default=0),
    )


def _sum(estimates: Sequence[MoneyEstimate]) -> MoneyEstimate | None:
    """The sum, with the ends as if all erred together."""
    if not estimates:
        return None
    ends = zip(*((each.value, each.low, each.high) for each in estimates), strict=True)
    return MoneyEstimate(*(sum(end, Decimal(0)) for end in ends))


def _summed_lines(lines: Iterable[LedgerLine]) -> tuple[LedgerLine, ...]:
    by_id: dict[str, list[LedgerLine]] = {}
    for line in lines:
        by_id.setdefault(line.id, []).append(line)
    return tuple(_summed_line(group) for group in by_id.values())


def _summed_line(group: Sequence[LedgerLine]) -> LedgerLine:
    amounts = [line.per_day for line in group if line.per_day is not None]
    weakest = max((line.status for line in group), key=STATUS_ORDER.index)
    missing = len(group) - len(amounts)
    basis = group[0].basis if not missing or not amounts else f"{group[0].basis}; not known in {missing} of the regions"
    return replace(group[0], per_day=_sum(amounts), status=weakest, basis=basis, break_even="", immature="")


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
