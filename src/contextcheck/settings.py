"""contextcheck.yaml becomes Settings: the default, unit and range of every option is declared here, once.

The reading order is: documented default, then the file, then `--set key=value` on the command line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from pathlib import Path

from contextcheck.errors import Location, Problem, SettingsError, in_reading_order
from contextcheck.privacy_settings import PrivacySettings, read_privacy
from contextcheck.records import Launch, Money
from contextcheck.table_settings import TableSource, read_tables
from contextcheck.yamlio.document import MapNode, Node, Scalar, read_file, read_text
from contextcheck.yamlio.fields import Fields, to_decimal

FILE_NAME = "contextcheck.yaml"
_CODE = re.compile(r"[A-Za-z]{2}(-[A-Za-z0-9]{1,3})?")


def region_code(text: str) -> str:
    """An ISO code in capitals; a market's own name as it is written."""
    return text.upper() if _CODE.fullmatch(text) else text


@dataclass(frozen=True, slots=True)
class OrdersSource:
    """Where the orders are and how to read them.

    Attributes:
        paths: Files or globs; "-" is standard input. Default: none, given on the command line.
        url: A connection that Ibis knows, instead of files.
        table: Table inside the connection or database file.
        map: Column map by name or path; "auto" takes the best that fits.
        timezone: What naive times mean: an IANA zone, or "local" for the time of each row's region.
        date_order: "auto", "ymd", "dmy" or "mdy" for dates in text.
        decimal: "auto", "point" or "comma": the sign before the decimals of numbers in text, where they leave it open.
        max_bad_share: Share of unreadable rows above which the run is refused, 0 to 1.
    """

    paths: tuple[str, ...] = ()
    url: str = ""
    table: str = ""
    map: str = "auto"
    timezone: str = "UTC"
    date_order: str = "auto"
    decimal: str = "auto"
    max_bad_share: float = 0.05


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of a currency in the reporting currency, on a day; the same rate is used for every period."""

    rate: Decimal
    on: date | None


@dataclass(frozen=True, slots=True)
class CostDefault:
    """A documented starting value of a cost."""

    value: str
    unit: str
    basis: str
    low: float = 0
    high: float | None = None


COST_DEFAULTS: dict[str, CostDefault] = {
    "gross_margin": CostDefault("0.35", "share of goods value", "assumed 35 % gross margin: set your own", 0, 1),
    "payment_rate": CostDefault("0.029", "share of amount paid", "list price 2.9 % (card processors, 2025)", 0, 1),
    "payment_fixed": CostDefault("0.30", "per paid order", "list price 0.30 USD (card processors, 2025)"),
    "cancel_handling": CostDefault(
        "1.50", "per cancelled or changed order", "one support contact in some cases; no audited figure is public"
    ),
    "return_handling": CostDefault("7.00", "per returned parcel", "6.95 EUR a parcel (Bamberg University, 2021 data)"),
    "return_writedown": CostDefault(
        "0.10", "share of returned value", "most returned goods resold as new (University of Bamberg, 2021 data)", 0, 1
    ),
    "shipping_cost": CostDefault("5.00", "per delivered order", "parcel freight 5.21 to 5.39 EUR (Returnless, 2025)"),
    "chargeback_fee": CostDefault("15", "per dispute", "15 USD per disputed payment (Stripe support pages, 2026)"),
    "stock_holding": CostDefault("0.25", "share of the goods' cost a year", "textbooks name 20 to 30 % a year", 0, 2),
    "future_value_per_order": CostDefault("0", "per order gained or lost", "off until you set it"),
    "roll_back": CostDefault("5000", "once", "where 3 days of the region's contribution are not known"),
    "false_action_per_account": CostDefault(
        "60", "per good customer acted against", "assumed value of a customer lost: set your own"
    ),
    "account_review": CostDefault("5", "per account reviewed", "assumed a few minutes of an analyst: set your own"),
}


@dataclass(frozen=True, slots=True)
class Costs:
    """Unit costs in the reporting currency; `given` are the ones the shop set itself, the others are assumed."""

    gross_margin: Decimal
    payment_rate: Decimal
    payment_fixed: Decimal
    cancel_handling: Decimal
    return_handling: Decimal
    return_writedown: Decimal
    shipping_cost: Decimal
    chargeback_fee: Decimal
    stock_holding: Decimal
    future_value_per_order: Decimal
    roll_back: Decimal
    false_action_per_account: Decimal
    account_review: Decimal
    given: frozenset[str] = frozenset()

    def basis(self, name: str) -> str:
        """Where a figure comes from, in words."""
        return "from your settings" if name in self.given else f"assumed: {COST_DEFAULTS[name].basis}"


def default_costs() -> Costs:
    """The documented starting values; nothing in them is given by the shop."""
    return _costs_from({name: Decimal(default.value) for name, default in COST_DEFAULTS.items()}, frozenset())


def _costs_from(values: Mapping[str, Decimal], given: frozenset[str]) -> Costs:
    return Costs(**dict(values), given=given)


@dataclass(frozen=True, slots=True)
class DecisionSettings:
    """What finance sets: horizon in days (1 to 730) and the accepted chance of a wrong roll-back (0 to 0.5)."""

    horizon_days: int = 90
    alpha: float = 0.05


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a run is told.

    Attributes:
        orders: Where the orders are.
        currency: Reporting currency, ISO 4217; empty until known: then the only currency of the data.
        rates: Currency to its rate in the reporting currency.
        launches: Features that went live.
        thresholds: Line name (such as "free_shipping") to region code or "default" to amount.
        costs: Unit costs.
        decision: Finance's three numbers (the third is costs.roll_back).
        privacy: Pseudonyms and stories.
        zones: Region to IANA zone, for markets without a shipped region file or against it.
        region_names: The team's market name to the region code whose norms apply.
        regions_folder: The team's own regions/, laid over the shipped ones; empty for none.
        rules_folder: The team's own rules/, likewise.
        tables: Contacts, surveys and disputes, as far as they are named.
        folder: Folder of the settings file; paths in it are relative to it.
    """

    orders: OrdersSource = field(default_factory=OrdersSource)
    currency: str = ""
    rates: Mapping[str, Rate] = field(default_factory=dict)
    launches: tuple[Launch, ...] = ()
    thresholds: Mapping[str, Mapping[str, Money]] = field(default_factory=dict)
    costs: Costs = field(default_factory=default_costs)
    decision: DecisionSettings = field(default_factory=DecisionSettings)
    privacy: PrivacySettings = field(default_factory=PrivacySettings)
    zones: Mapping[str, str] = field(default_factory=dict)
    region_names: Mapping[str, str] = field(default_factory=dict)
    regions_folder: str = ""
    rules_folder: str = ""
    tables: Mapping[str, TableSource] = field(default_factory=dict)
    folder: Path = field(default_factory=Path)

    def path(self, given: str) -> Path:
        """A path from the settings file, relative to that file."""
        return self.folder / given


def read_settings(path: Path | None, overrides: Sequence[str] = ()) -> Settings:
    """Give the settings of a file, with `key=value` overrides from the command line on top.

    Args:
        path: The settings file; None for documented defaults alone.
        overrides: Texts "costs.gross_margin=0.4", "launches=[{feature: x, regions: [KR], start: 2026-03-01}]".

    Raises:
        SettingsError: With every problem of the file and the overrides, each with its place.
    """
    problems: list[Problem] = []
    root: Node | None = MapNode({}, Location(FILE_NAME))
    if path is not None:
        root, problems = read_file(path, "ST")
    if root is None and not problems:
        root = MapNode({}, Location(path.as_posix() if path else FILE_NAME))
    if root is not None and not isinstance(root, MapNode):
        problems.append(Problem("ST103", str(root.where), 'the settings must be "key: value" lines'))
        root = None
    if root is None:
        raise SettingsError(*in_reading_order(problems))
    for override in overrides:
        root = _override(root, override, problems)
    settings = _read(Fields(root, problems, "ST"), path.parent if path else Path())
    if problems:
        raise SettingsError(*in_reading_order(problems))
    return settings


def _override(root: MapNode, override: str, problems: list[Problem]) -> MapNode:
    """Lay `a.b.c=value` over the tree."""
    key, equals, text = override.partition("=")
    place = f"--set {key}"
    if not equals or not key.strip():
        problems.append(Problem("ST110", f"--set {override}", "write --set key=value, such as costs.gross_margin=0.4"))
        return root
    node, found = read_text(text, place, "ST")
    problems.extend(found)
    if node is None:
        return root
    return _laid(root, key.strip().split("."), node, Location(place))


def _laid(tree: MapNode, keys: Sequence[str], node: Node, place: Location) -> MapNode:
    entries = dict(tree.entries)
    if len(keys) == 1:
        entries[keys[0]] = (place, node)
    else:
        below = tree.get(keys[0])
        inner = below if isinstance(below, MapNode) else MapNode({}, place)
        entries[keys[0]] = (place, _laid(inner, keys[1:], node, place))
    return MapNode(entries, tree.where)


def _read(top: Fields, folder: Path) -> Settings:
    currency = top.text("currency").upper()
    knowledge = top.mapping("knowledge")
    settings = Settings(
        orders=_orders(top),
        currency=currency,
        rates=_rates(top),
        launches=tuple(_launch(each) for each in top.mappings("launches")),
        thresholds=_thresholds(top, currency),
        costs=_costs(top),
        decision=_decision(top),
        privacy=read_privacy(top),
        zones=_texts_by_key(top, "zones"),
        region_names=_texts_by_key(top, "region_names"),
        regions_folder=knowledge.text("regions") if knowledge else "",
        rules_folder=knowledge.text("rules") if knowledge else "",
        tables=read_tables(top),
        folder=folder,
    )
    if knowledge:
        knowledge.finish()
    top.finish()
    return settings


def _orders(top: Fields) -> OrdersSource:
    orders = top.mapping("orders")
    if orders is None:
        return OrdersSource()
    source = OrdersSource(
        paths=(*orders.texts("path"), *orders.texts("paths")),
        url=orders.text("url"),
        table=orders.text("table"),
        map=orders.text("map", "auto"),
        timezone=orders.text("timezone", "UTC"),
        date_order=orders.choice("date_order", ("auto", "ymd", "dmy", "mdy"), "auto"),
        decimal=orders.choice("decimal", ("auto", "point", "comma"), "auto"),
        max_bad_share=orders.share("max_bad_share", 0.05),
    )
    if source.timezone != "local":
        _check_zone(orders, "timezone", source.timezone)
    orders.finish()
    return source


def _check_zone(fields_: Fields, key: str, zone: str) -> None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        fields_.problem("112", fields_.place(key), f'unknown time zone "{zone}"; write an IANA name such as Asia/Seoul')


def _rates(top: Fields) -> dict[str, Rate]:
    rates: dict[str, Rate] = {}
    table = top.mapping("rates")
    for currency in table.names() if table else ():
        assert table is not None
        node = table.child(currency)
        if isinstance(node, Scalar):
            rates[currency.upper()] = Rate(_rate(table, currency, currency), None)
        elif (entry := table.mapping(currency)) is not None:
            rates[currency.upper()] = Rate(_rate(entry, "rate", currency), entry.day("on"))
            entry.finish()
    return rates


def _rate(entry: Fields, key: str, currency: str) -> Decimal:
    rate = entry.decimal(key)
    node = entry.node.get(key)
    if rate <= 0 and isinstance(node, Scalar) and to_decimal(node.text) is not None:
        sentence = f"the rate of {currency} is {rate}, but must be more than 0"
        entry.problem("104", node.where, f"{sentence}: what one {currency} is worth in the reporting currency")
    return rate


def _launch(entry: Fields) -> Launch:
    regions = entry.texts("regions", required=True)
    launch = Launch(
        feature=entry.text("feature", required=True),
        regions=tuple(region_code(region) for region in regions),
        start=entry.day("start", required=True) or date.min,
        end=entry.day("end"),
        where=entry.where,
        exposed_share=entry.number("exposed_share", low=0.001, high=0.999) if entry.has("exposed_share") else None,
    )
    if launch.end is not None and launch.end < launch.start:
        entry.problem("104", entry.place("end"), f"the launch ends on {launch.end}, before it starts on {launch.start}")
    entry.finish()
    return launch


def _thresholds(top: Fields, currency: str) -> dict[str, dict[str, Money]]:
    lines: dict[str, dict[str, Money]] = {}
    table = top.mapping("thresholds")
    for name in table.names() if table else ():
        assert table is not None
        by_region: dict[str, Money] = {}
        entry = table.mapping(name)
        for region in entry.names() if entry else ():
            assert entry is not None
            amount = entry.money(region, currency or None)
            if amount is not None:
                by_region[region_code(region)] = amount
        lines[name] = by_region
    return lines


def _costs(top: Fields) -> Costs:
    table = top.mapping("costs")
    if table is None:
        return default_costs()
    values = {
        name: table.decimal(name, default.value, low=default.low, high=default.high)
        for name, default in COST_DEFAULTS.items()
    }
    given = frozenset(name for name in COST_DEFAULTS if table.has(name))
    table.finish()
    return _costs_from(values, given)


def _decision(top: Fields) -> DecisionSettings:
    table = top.mapping("decision")
    if table is None:
        return DecisionSettings()
    decision = DecisionSettings(
        horizon_days=table.whole("horizon_days", 90, low=1, high=730),
        alpha=table.number("alpha", 0.05, low=0.0001, high=0.5),
    )
    table.finish()
    return decision


def _texts_by_key(top: Fields, key: str) -> dict[str, str]:
    table = top.mapping(key)
    if table is None:
        return {}
    found = {name: table.text(name) for name in table.names()}
    if key == "zones":
        for name, zone in found.items():
            _check_zone(table, name, zone)
    return found


def describe(settings: Settings) -> dict[str, object]:
    """The settings as plain values for the run's record, dates and decimals as text."""

    def plain(value: object) -> object:
        if isinstance(value, Mapping):
            return {str(key): plain(each) for key, each in sorted(value.items())}
        if isinstance(value, (frozenset, tuple)):
            return [plain(each) for each in (sorted(value) if isinstance(value, frozenset) else value)]
        if hasattr(value, "__dataclass_fields__"):
            named = {each.name: getattr(value, each.name) for each in fields(value) if each.name != "where"}  # type: ignore[arg-type]
            return {name: plain(each) for name, each in named.items() if name != "exposed_share" or each}
        return value if value is None or isinstance(value, (int, float, bool)) else str(value)

    described = plain(settings)
    assert isinstance(described, dict)
    described.pop("folder")
    return {name: value for name, value in described.items() if value or name != "tables"}
