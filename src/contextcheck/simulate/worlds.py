"""The scenarios: an invented shop, one launch, what goes on after it, and the truth about it.

Each world is made twice from the same random numbers, once with its causes and once without; the difference is the
true effect, order by order, whatever anybody estimates later.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.simulate.baseline_world import usual_orders
from contextcheck.simulate.behaviours.checkout import CheckoutFault
from contextcheck.simulate.behaviours.interface import FOR_GOOD
from contextcheck.simulate.behaviours.measurement import is_measurement
from contextcheck.simulate.behaviours.padding import Padding
from contextcheck.simulate.behaviours.promotions import PromoFarm
from contextcheck.simulate.behaviours.rings import Ring
from contextcheck.simulate.draft import Calendar, stream
from contextcheck.simulate.extract import public_id, seen_at
from contextcheck.simulate.markets import INDEX_OF
from contextcheck.simulate.money import UnitCosts
from contextcheck.simulate.settings_text import ORDERS_FILE, settings_text
from contextcheck.simulate.truth import RegionTruth, Truth, region_truth

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from contextcheck.records import Action
    from contextcheck.simulate.behaviours.interface import Behaviour

LAUNCH_DAY = date(2026, 3, 2)
LAST_WHOLE_DAY = date(2026, 4, 5)
CALENDAR = Calendar(date(2025, 11, 27), LAST_WHOLE_DAY + timedelta(days=1), datetime(2026, 4, 6, 9))
FIRST = CALENDAR.index_of(LAUNCH_DAY)
DEFAULT_ORDERS = 200_000
COSTS = UnitCosts()
FEW_WORDS = ("region", "status", "currency", "coupon", "payment_method", "channel", "category", "touchpoint")
"""Columns of a handful of words, which a file names by number."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One story: what was launched where, what people and machines did then, and what the right answer is.

    Attributes:
        name: As typed on the command line.
        title: One line for people.
        feature: What was launched.
        launched: Regions of the launch.
        behaviours: What goes on; empty when nothing does.
        actions: Region to the right recommendation; launched regions that are not named: keep.
    """

    name: str
    title: str
    feature: str
    launched: tuple[str, ...]
    behaviours: tuple[Behaviour, ...]
    actions: Mapping[str, Action]


@dataclass(frozen=True, slots=True)
class World:
    """Orders under the canonical columns, the settings to read them with, and the truth."""

    orders: pd.DataFrame
    settings: str
    truth: Truth


# The harmless crowd: many shoppers who lack little fill up, half of them swap or drop a part again, soon.
CROWD = Padding(
    "KR",
    FIRST,
    take_up=0.315,
    prefers_small=-0.2,
    trim_share=0.70,
    keeps_of_filling=0.76,
    overshoot=0.06,
    trim_hours=2.5,
)
# At a loss: fewer shoppers, with small baskets, fill up a lot and take nearly all of it out, once the parcel is packed.
TAKERS = Padding(
    "KR", FIRST, take_up=0.205, prefers_small=0.9, trim_share=0.97, keeps_of_filling=0.02, overshoot=0.07,
    trim_hours=8.0, repack_cost=0.6,
)  # fmt: skip

_ALL = (
    Scenario(
        "korea-padding",
        "Baskets padded to the free-shipping line, then trimmed; the shop earns more",
        "free-shipping-bar",
        ("KR", "JP"),
        (CROWD,),
        {"KR": "keep"},
    ),
    Scenario(
        "korea-padding-at-a-loss",
        "The same cancels and the same order value, but nearly all filling is taken out again at the shop's expense",
        "free-shipping-bar",
        ("KR", "JP"),
        (TAKERS,),
        {"KR": "roll-back"},
    ),
    Scenario(
        "korea-ring-in-the-crowd",
        "The harmless crowd, and a ring of linked accounts that cancels and claims refunds inside it",
        "free-shipping-bar",
        ("KR", "JP"),
        (CROWD, Ring("KR", FIRST)),
        {"KR": "act-on-accounts"},
    ),
    Scenario(
        "checkout-bug",
        "A new checkout loses orders of everybody within minutes",
        "one-page-checkout",
        ("DE", "FR"),
        (CheckoutFault("DE", FIRST), CheckoutFault("FR", FIRST)),
        {"DE": "roll-back", "FR": "roll-back"},
    ),
    Scenario("quiet", "A launch that changes nothing", "recommendation-carousel", ("GB", "US"), (), {}),
)

SCENARIOS: Mapping[str, Scenario] = {scenario.name: scenario for scenario in _ALL}


def simulate(name: str, *, seed: int, orders: int = DEFAULT_ORDERS) -> World:
    """Give a world by the name of its scenario.

    Args:
        name: A key of `SCENARIOS`.
        seed: Same seed, same world.
        orders: Number of orders to aim at, over all markets and 130 days; at least 1,000.

    Raises:
        KeyError: No scenario has that name.
    """
    return simulate_scenario(SCENARIOS[name], seed=seed, orders=orders)


def simulate_scenario(scenario: Scenario, *, seed: int, orders: int = DEFAULT_ORDERS) -> World:
    """Give the world of a scenario of one's own.

    Args:
        scenario: The story.
        seed: Same seed, same world.
        orders: Number of orders to aim at.
    """
    without = _exposed(scenario, usual_orders(CALENDAR, seed=seed, orders=orders))
    happened, recorded = _played(scenario, without, seed)
    text = settings_of(scenario, seed)
    return World(seen_at(recorded, CALENDAR.taken_at), text, _truth(scenario, happened, without))


def orders_of(scenario: Scenario, usual: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Give the orders of a scenario under the canonical columns, for those who need no truth about them.

    Args:
        scenario: The story.
        usual: Draft of a quiet shop on the days of `CALENDAR`; it is left as it is.
        seed: Of what the behaviours draw.
    """
    return seen_at(_played(scenario, _exposed(scenario, usual), seed)[1], CALENDAR.taken_at)


def settings_of(scenario: Scenario, seed: int) -> str:
    """Give the settings to read the orders of a scenario with."""
    headline = f"{scenario.title} ({scenario.name}, seed {seed})."
    return settings_text(headline, scenario.feature, scenario.launched, LAUNCH_DAY, LAST_WHOLE_DAY, COSTS)


def _exposed(scenario: Scenario, usual: pd.DataFrame) -> pd.DataFrame:
    """The quiet shop with who saw the launched feature, its rows numbered."""
    regions = [INDEX_OF[region] for region in scenario.launched]
    exposed = usual["region_index"].isin(regions) & (usual["day"] >= FIRST)
    return usual.assign(is_exposed=exposed.to_numpy(), row=np.arange(len(usual)))


def _played(scenario: Scenario, without: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What happened, and what was recorded of it."""
    happened = _acted(without, [each for each in scenario.behaviours if not is_measurement(each)], seed)
    return happened, _acted(happened, [each for each in scenario.behaviours if is_measurement(each)], seed)


def _acted(draft: pd.DataFrame, behaviours: Sequence[Behaviour], seed: int) -> pd.DataFrame:
    """The draft after every behaviour had its way, in the order given; each draws random numbers of its own."""
    for place, behaviour in enumerate(behaviours):
        draft = behaviour.act(draft, stream(seed, f"{place} {type(behaviour).__name__} {behaviour.region}"))
    return draft


def _truth(scenario: Scenario, draft: pd.DataFrame, without: pd.DataFrame) -> Truth:
    affected = tuple(dict.fromkeys(behaviour.region for behaviour in scenario.behaviours))
    first = min((behaviour.first_day for behaviour in scenario.behaviours), default=FIRST)
    end = max((behaviour.last_day for behaviour in scenario.behaviours), default=FOR_GOOD)
    days = (first, min(end, CALENDAR.index_of(LAST_WHOLE_DAY)))
    effects: dict[str, RegionTruth] = {}
    for region in dict.fromkeys((*scenario.launched, *affected)):
        action = scenario.actions.get(region, "keep")
        effects[region] = region_truth(draft, without, region, days, COSTS, action)
    ring, careless = _ring_ids(scenario)
    return Truth(
        action=next(iter(scenario.actions.values()), "keep"),
        feature=scenario.feature,
        launched=scenario.launched,
        affected=affected,
        start=CALENDAR.day(first),
        last_day=CALENDAR.day(days[1]),
        regions=effects,
        causes=tuple(sorted({cause for effect in effects.values() for cause in effect.change_by_cause})),
        ring_accounts=ring,
        careless_ring_accounts=careless,
    )


def _ring_ids(scenario: Scenario) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Customer ids of all linked abusive accounts and of the careless ones, as they stand in the orders."""
    every: list[str] = []
    careless: list[str] = []
    for behaviour in scenario.behaviours:
        if isinstance(behaviour, (Ring, PromoFarm)):
            ids = public_id("c", np.array(behaviour.customers(), dtype=np.int64)).tolist()
            every += ids
            careless += ids[: behaviour.careless_accounts]
    return tuple(every), tuple(careless)


def write_world(world: World, folder: Path) -> Path:
    """Write `orders.parquet` and `contextcheck.yaml` into a folder, whole or not at all.

    Args:
        world: What to write.
        folder: Made when it is not there.

    Returns:
        Path of the settings file.
    """
    return write_orders(world.orders, world.settings, folder)


def write_orders(orders: pd.DataFrame, settings_text: str, folder: Path, *, is_kept: bool = True) -> Path:
    """Write orders and their settings into a folder; see `write_world`.

    With `is_kept` false the file is for one reading: larger, and written in half the time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "contextcheck.yaml"
    with tempfile.TemporaryDirectory(dir=folder, prefix=".writing-") as beside:
        draft_orders, draft_settings = Path(beside) / ORDERS_FILE, Path(beside) / settings.name
        if is_kept:
            orders.to_parquet(draft_orders, index=False)
        else:
            orders.to_parquet(draft_orders, index=False, compression=None, use_dictionary=list(FEW_WORDS))
        draft_settings.write_text(settings_text, encoding="utf-8", newline="\n")
        draft_orders.replace(folder / ORDERS_FILE)
        draft_settings.replace(settings)
    return settings
