"""Worlds for examples: simulated (or read from a small file), loaded and counted by the same code as real orders."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from contextcheck.knowledge.lines import Lines, resolve_lines
from contextcheck.load.read import load_orders
from contextcheck.panel.build import build_panel
from contextcheck.records import Launch, Window
from contextcheck.rehearse.situations import FREE_SHIPPING, Situation, line_name, parameters, renamed_words
from contextcheck.settings import OrdersSource, Settings, read_settings
from contextcheck.simulate.baseline_world import usual_orders
from contextcheck.simulate.behaviours.library import BEHAVIOURS
from contextcheck.simulate.cases import CASES
from contextcheck.simulate.markets import COUPON_MINIMUM_SHARE, INDEX_OF, MARKETS, REFUND_LIMIT_SHARE
from contextcheck.simulate.worlds import CALENDAR, FIRST, LAUNCH_DAY, Scenario, orders_of, settings_of, write_orders

if TYPE_CHECKING:
    from contextcheck.knowledge.base import KnowledgeBase
    from contextcheck.panel.orders import Orders
    from contextcheck.panel.table import Panel

ORDERS = 120_000
OTHER_MARKETS_KEPT = 0.35
"""Share of the orders of the other markets that is kept: they only serve as comparison."""
SEED = 11
FEATURE = "free-shipping-bar"
DAYS_EARLIER = 28
"""A behaviour starts so many days before the usual launch day, so that even returns are counted to the end."""
LAUNCHED_DAYS = 21
WORDED_COLUMNS = ("payment_method", "category", "channel", "touchpoint", "cancel_reason", "coupon")


@dataclass(frozen=True, slots=True)
class WorldKey:
    """What tells two worlds apart: the situation, the days it goes on, and whether something was launched there."""

    situation: Situation
    market: str
    days: int
    is_launched: bool
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """A world ready for the sign tests.

    Attributes:
        region: The market in which the example happens.
        window: The days on which it happens.
    """

    region: str
    window: Window
    orders: Orders
    panel: Panel
    lines: Lines
    launches: tuple[Launch, ...]


def market_of(situation: Situation, regions: tuple[str, ...]) -> str:
    """The simulated market in which a situation plays: as told, the entry's own, or the behaviour's home."""
    part = situation.parts[0]
    if situation.kind == "file":
        return part.option("in") or (regions[0] if regions and regions[0] != "*" else "")
    if part.markets:
        return _home_among(part.markets, regions)
    if situation.kind == "case":
        scenario = CASES[part.name].scenario
        affected = tuple(dict.fromkeys((*(each.region for each in scenario.behaviours), *scenario.launched)))
        return next((region for region in regions if region in affected), next(iter(affected), "DE"))
    return BEHAVIOURS[part.name]().region


def _home_among(markets: tuple[str, ...], regions: tuple[str, ...]) -> str:
    """The entry's own market when it is one of several, otherwise the first."""
    return next((region for region in regions if region in markets), markets[0])


def build_stage(key: WorldKey, base: KnowledgeBase, folder: Path) -> Stage:
    """Simulate (or read) a world and bring it to where the sign tests start.

    Args:
        key: Which world.
        base: For metrics, zones and lines.
        folder: Where the orders are written; must stay as long as the stage is used.
    """
    settings, window = _file_settings(key) if key.situation.kind == "file" else _simulated(key, folder)
    loaded = load_orders(settings, base.region_files, quarantine_folder=folder, progress=lambda _: None)
    orders = loaded.orders
    lines = resolve_lines(settings, base.region_files, orders.regions, orders.currency)
    if key.situation.kind == "behaviours":
        lines = {**lines, line_name(key.situation): lines[FREE_SHIPPING]}
    panel = build_panel(orders, base.metrics, lines)
    region = key.market or orders.regions[0]
    return Stage(region, window, orders, panel, lines, settings.launches)


def _file_settings(key: WorldKey) -> tuple[Settings, Window]:
    part = key.situation.parts[0]
    path = Path(key.folder) / part.name
    window = Window(date.fromisoformat(part.option("from")), date.fromisoformat(part.option("to")))
    settings = Settings(orders=OrdersSource(paths=(str(path.absolute()),)))
    currency = part.option("currency")
    return (replace(settings, currency=currency) if currency else settings), window


def _simulated(key: WorldKey, folder: Path) -> tuple[Settings, Window]:
    scenario, window = scenario_of(key)
    orders = orders_of(scenario, _usual_orders(key.market), seed=SEED)
    settings = settings_of(scenario, SEED)
    if key.is_launched:
        settings = settings.replace(f"start: {LAUNCH_DAY}", f"start: {window.start}")
        orders = _exposed_since(orders, key.market, window.start)
    for old, new in renamed_words(key.situation).items():
        columns = [name for name in WORDED_COLUMNS if name in orders]
        orders = orders.assign(**{name: orders[name].astype(object).replace({old: new}) for name in columns})
    settings = settings.replace("thresholds:\n", f"thresholds:\n{_further_lines()}", 1)
    return read_settings(write_orders(orders, settings, folder, is_kept=False)), window


def _further_lines() -> str:
    """Lines of the invented shop that its settings do not name: coupon minimum and refund limit, per market."""

    def table(name: str, share: float) -> str:
        rows = (
            f"    {each.code}: {{amount: {share * each.free_line:g}, currency: {each.currency}}}\n" for each in MARKETS
        )
        return f"  {name}:\n{''.join(rows)}"

    return table("coupon_minimum", COUPON_MINIMUM_SHARE) + table("refund_limit", REFUND_LIMIT_SHARE)


def scenario_of(key: WorldKey) -> tuple[Scenario, Window]:
    """The scenario of a simulated world and the days on which it is to be explained."""
    part = key.situation.parts[0]
    if key.situation.kind == "case":
        scenario = CASES[part.name].scenario
        here = [each for each in scenario.behaviours if each.region == key.market] or list(scenario.behaviours)
        first = min((each.first_day for each in here), default=FIRST)
        last = min(max((each.last_day for each in here), default=FIRST + LAUNCHED_DAYS), first + LAUNCHED_DAYS - 1)
        return scenario, Window(CALENDAR.day(first), CALENDAR.day(last))
    first = FIRST - DAYS_EARLIER - int(part.option("earlier", "0"))
    last = first + key.days - 1
    behaviours = tuple(
        BEHAVIOURS[each.name](**{**parameters(each), "region": market, "first_day": first, "last_day": last})
        for each in key.situation.parts
        for market in each.markets or (key.market,)
    )
    launched = (key.market,) if key.is_launched else ()
    scenario = Scenario("example", "An example of an entry", FEATURE, launched, behaviours, {})
    return scenario, Window(CALENDAR.day(first), CALENDAR.day(last))


@lru_cache(maxsize=2)
def _usual_orders(market: str) -> pd.DataFrame:
    """The quiet shop, with all orders of one market and some of the others; nobody changes it in place."""
    orders = usual_orders(CALENDAR, seed=SEED, orders=ORDERS)
    kept = np.random.default_rng(SEED).random(len(orders)) < OTHER_MARKETS_KEPT
    return orders[(orders["region_index"] == INDEX_OF[market]).to_numpy() | kept].reset_index(drop=True)


def _exposed_since(orders: pd.DataFrame, market: str, start: date) -> pd.DataFrame:
    """The orders with a launch that was live in one market since a day."""
    if "feature_exposed" not in orders:
        return orders
    is_live = (orders["region"] == market) & (orders["created_at"] >= pd.Timestamp(start))
    return orders.assign(feature_exposed=is_live.to_numpy())


def day_shift(real: date) -> timedelta:
    """How far a real day lies from the first day of a behaviour."""
    return LAUNCH_DAY - timedelta(days=DAYS_EARLIER) - real
