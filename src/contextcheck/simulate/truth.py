"""What is true about a world, by comparing it order by order with the same world without its causes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contextcheck.simulate.draft import CAUSES
from contextcheck.simulate.markets import INDEX_OF
from contextcheck.simulate.money import UnitCosts, contribution, is_cancelled

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import pandas as pd

    from contextcheck.records import Action


@dataclass(frozen=True, slots=True)
class RegionTruth:
    """The true effect in one market, on whole days from its start to its end or the end of the data.

    Ratios: 1 is unchanged. Money is in US dollars.

    Attributes:
        region: Market code.
        action: The right recommendation.
        days: Number of days.
        contribution_per_day: With the causes.
        contribution_per_day_without: Of the same orders without them.
        aov_ratio: Placed order value with over without.
        kept_aov_ratio: Kept order value with over without.
        cancel_rate: Cancelled as a whole or in part, with the causes.
        cancel_rate_without: The same without them.
        excess_share: Cause to its share of the extra cancels; adds up to 1, empty when there are none.
        change_by_cause: Cause to the contribution per day that it adds or takes.
    """

    region: str
    action: Action
    days: int
    contribution_per_day: float
    contribution_per_day_without: float
    aov_ratio: float
    kept_aov_ratio: float
    cancel_rate: float
    cancel_rate_without: float
    excess_share: Mapping[str, float]
    change_by_cause: Mapping[str, float]

    @property
    def change_per_day(self) -> float:
        """True change of contribution per day."""
        return self.contribution_per_day - self.contribution_per_day_without

    @property
    def change_ratio(self) -> float:
        """Contribution with over without."""
        return self.contribution_per_day / self.contribution_per_day_without


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth about a world.

    Attributes:
        action: The right recommendation for the region(s) where something happened; "keep" when nothing did.
        feature: What was launched.
        launched: Regions of the launch.
        affected: Regions where something happened.
        start: First local day of it.
        last_day: Last day of it, at most the last whole day of the data.
        regions: The true effect of every launched or affected region.
        causes: Names of the behaviours at work.
        ring_accounts: Customer ids of linked abusive accounts.
        careless_ring_accounts: Those of them that share device, address and payment.
    """

    action: Action
    feature: str
    launched: tuple[str, ...]
    affected: tuple[str, ...]
    start: date
    last_day: date
    regions: Mapping[str, RegionTruth]
    causes: tuple[str, ...] = ()
    ring_accounts: tuple[str, ...] = ()
    careless_ring_accounts: tuple[str, ...] = field(default=())


def region_truth(
    with_causes: pd.DataFrame,
    without: pd.DataFrame,
    region: str,
    days: tuple[int, int],
    costs: UnitCosts,
    action: Action,
) -> RegionTruth:
    """Give the true effect in one market.

    Args:
        with_causes: Draft of the world; rows carry `row`, the place in `without`, or -1 when added.
        without: Draft of the same world without causes, with `row`.
        region: Market code.
        days: First and last place in the calendar, both included.
        costs: Unit costs.
        action: The right recommendation.
    """
    on, off = (_slice(draft, region, days) for draft in (with_causes, without))
    on = on.assign(value=contribution(on, costs), cancelled=is_cancelled(on))
    off = off.assign(value=contribution(off, costs), cancelled=is_cancelled(off))
    count = days[1] - days[0] + 1
    both = on.merge(off[["row", "value", "cancelled"]], on="row", how="left", suffixes=("", "_without"))
    both = both.assign(
        gain=both["value"] - both["value_without"].fillna(0.0),
        extra=both["cancelled"].astype(float) - both["cancelled_without"].fillna(value=False).astype(float),
    )
    by_cause = both.groupby("cause")[["gain", "extra"]].sum()
    extra = by_cause["extra"].sum()
    names = {place: name for place, name in enumerate(CAUSES) if place in by_cause.index and name != "usual"}
    return RegionTruth(
        region=region,
        action=action,
        days=count,
        contribution_per_day=float(on["value"].sum() / count),
        contribution_per_day_without=float(off["value"].sum() / count),
        aov_ratio=float(on["order_total"].mean() / off["order_total"].mean()),
        kept_aov_ratio=float(on["kept_total"].mean() / off["kept_total"].mean()),
        cancel_rate=float(on["cancelled"].mean()),
        cancel_rate_without=float(off["cancelled"].mean()),
        excess_share={name: float(by_cause["extra"][place] / extra) for place, name in names.items() if extra > 0},
        change_by_cause={name: float(by_cause["gain"][place] / count) for place, name in names.items()},
    )


def _slice(draft: pd.DataFrame, region: str, days: tuple[int, int]) -> pd.DataFrame:
    rows = (draft["region_index"] == INDEX_OF[region]) & draft["day"].between(*days)
    return draft[rows]
