"""What is true of a world: the same orders with and without its causes, from the same random numbers, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.simulate.baseline_world import usual_orders
from contextcheck.simulate.draft import CAUSES, STATUS, stream
from contextcheck.simulate.extract import public_id, seen_at
from contextcheck.simulate.markets import INDEX_OF
from contextcheck.simulate.money import UnitCosts, contribution
from contextcheck.simulate.settings_text import settings_text
from worlds.archetypes import Story, story_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

ABUSE = ("ring", "promo_farm")
FAULT = ("checkout_fault", "retry", "carrier_outage")
KIND_OF_CAUSE = {"padding": "norm", "payment_expiry": "norm", "surge": "norm", "mix": "none"} | dict.fromkeys(
    ABUSE, "abuse"
) | dict.fromkeys(FAULT, "operational")  # fmt: skip
STATUSES_OF = {
    "cancel_rate": ("cancelled", "partially_cancelled"),
    "rapid_cancel_rate": ("cancelled", "partially_cancelled"),
    "modify_rate": ("changed", "partially_cancelled"),
    "return_rate": ("returned", "partially_returned", "refunded_no_return"),
    "unpaid_rate": ("expired_unpaid",),
    "refused_rate": ("refused",),
}
HORIZON_DAYS = 90
RECENT_DAYS = 7
ATTEMPTS = 25


@dataclass(frozen=True)
class RegionFacts:
    """The truth about one market.

    Attributes:
        base_per_day: Contribution per day without the causes, US dollars.
        gain: Change per local day (rows, from day 0 of the calendar) and cause (columns), US dollars.
        shares: Metric to kind of cause to its share of the extra events.
        accounts: Ids of the accounts behind abusive orders, of those that ordered in the data.
    """

    base_per_day: float
    gain: pd.DataFrame
    shares: Mapping[str, Mapping[str, float]]
    accounts: frozenset[str]

    def per_day(self, first: int, last: int, causes: tuple[str, ...] | None = None) -> float:
        """Mean change per day over days, of some causes or of all."""
        rows = self.gain.loc[first:last]
        columns = [name for name in rows.columns if causes is None or name in causes]
        return float(rows[columns].sum(axis=1).mean()) if columns else 0.0


@dataclass(frozen=True)
class TrueWorld:
    """A world as the program sees it, and the truth beside it."""

    story: Story
    seed: int
    orders: pd.DataFrame
    settings: str
    costs: UnitCosts
    regions: Mapping[str, RegionFacts]


class NoWorldError(RuntimeError):
    """No draw of a seed has the effect that its kind of world asks for."""


def make_world(archetype: str, seed: int, orders: int) -> TrueWorld:
    """Simulate a world of a kind; drawn again until its true effect is of that kind."""
    closest: tuple[float, TrueWorld] | None = None
    for attempt in range(ATTEMPTS):
        world = _simulated(story_of(archetype, seed, attempt), seed, orders)
        distance = _outside(world)
        if distance == 0:
            return world
        if closest is None or distance < closest[0]:
            closest = (distance, world)
    assert closest is not None
    raise NoWorldError(f"{archetype} {seed}: no draw within its bounds, the closest is {closest[0]:.3f} outside")


def _outside(world: TrueWorld) -> float:
    """How far the true relative changes lie outside the bounds of the archetype; 0 inside."""
    story, distance = world.story, 0.0
    for region, (least, most) in story.bounds.items():
        facts = world.regions[region]
        causes = tuple(name for name in facts.gain.columns if name not in ABUSE)
        change = facts.per_day(story.first, story.last, causes) / facts.base_per_day
        distance += max(least - change, 0.0) + max(change - most, 0.0)
    return distance


def _simulated(story: Story, seed: int, orders: int) -> TrueWorld:
    without = usual_orders(story.calendar, seed=seed, orders=orders, volume_shares=story.volume_shares)
    launched = [INDEX_OF[region] for region in story.launched]
    exposed = without["region_index"].isin(launched) & (without["day"] >= story.first)
    without = without.assign(is_exposed=exposed.to_numpy(), row=np.arange(len(without)))
    draft = without
    for place, behaviour in enumerate(story.behaviours):
        draft = behaviour.act(draft, stream(seed, f"{place} {type(behaviour).__name__} {behaviour.region}"))
    costs = _costs(story, without)
    regions = {region: _facts(story, draft, without, region, costs) for region in story.regions}
    day = story.calendar.day(story.first)
    text = settings_text(
        f"{story.archetype} {seed}", story.feature, story.launched, day, story.calendar.day(story.last), costs
    )
    return TrueWorld(story, seed, seen_at(draft, story.calendar.taken_at), text, costs, regions)


def _costs(story: Story, without: pd.DataFrame) -> UnitCosts:
    """The invented shop's unit costs; a roll-back costs the story's share of the first market over the horizon."""
    usual = UnitCosts()
    region = story.regions[0]
    rows = without[without["region_index"] == INDEX_OF[region]]
    per_day = contribution(rows, usual).sum() / story.calendar.days
    cost = max(round(story.roll_back_share * per_day * HORIZON_DAYS, -2), 100.0)
    return UnitCosts(roll_back=float(cost))


def _facts(story: Story, draft: pd.DataFrame, without: pd.DataFrame, region: str, costs: UnitCosts) -> RegionFacts:
    on, off = (each[each["region_index"] == INDEX_OF[region]] for each in (draft, without))
    on = on.assign(value=contribution(on, costs))
    off = off.assign(value=contribution(off, costs))
    both = on.merge(off[["row", "value", "outcome"]], on="row", how="left", suffixes=("", "_without"))
    both["gain"] = both["value"] - both["value_without"].fillna(0.0)
    names = {place: name for place, name in enumerate(CAUSES)}
    table = both.groupby(["day", "cause"])["gain"].sum().unstack(fill_value=0.0).rename(columns=names)
    table = table.reindex(range(story.calendar.days), fill_value=0.0).drop(columns="usual", errors="ignore")
    abusive = on["cause"].isin([place for place, name in names.items() if name in ABUSE])
    accounts = public_id("c", on.loc[abusive, "customer"].to_numpy())
    return RegionFacts(
        base_per_day=float(off["value"].sum() / story.calendar.days),
        gain=table,
        shares={metric: _shares(both, statuses, names) for metric, statuses in STATUSES_OF.items()},
        accounts=frozenset(accounts.tolist()),
    )


def _shares(both: pd.DataFrame, statuses: tuple[str, ...], names: Mapping[int, str]) -> dict[str, float]:
    """Kind of cause to its share of the extra events; empty when there are hardly any."""
    codes = [STATUS[status] for status in statuses]
    extra = both["outcome"].isin(codes).astype(float) - both["outcome_without"].isin(codes).astype(float)
    kind = both["cause"].map(names).map(KIND_OF_CAUSE)
    by_kind = extra.groupby(kind).sum()
    total = float(by_kind.sum())
    return {str(name): float(value) / total for name, value in by_kind.items()} if total >= 30 else {}
