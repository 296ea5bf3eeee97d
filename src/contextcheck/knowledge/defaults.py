"""What is documented for a market and not said by the shop: lines, periods, shares and unit costs, with their source.

The reading order is: the shop's contextcheck.yaml, then the team's own regions/XX.yaml, then the shipped file, then
(for unit costs) the general default. A default that is used says that it is assumed, where it is from and how old.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from contextcheck.knowledge.amounts import money_text
from contextcheck.knowledge.lines import LINE_KEYS, rate_between
from contextcheck.knowledge.places import is_currency
from contextcheck.knowledge.rough_rates import YEAR, per_dollar
from contextcheck.records import Assumption, Money
from contextcheck.settings import COST_DEFAULTS, Costs
from contextcheck.yamlio.document import MapNode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from contextcheck.errors import Location
    from contextcheck.knowledge.entries import RegionFile
    from contextcheck.knowledge.lines import Lines
    from contextcheck.settings import Settings
    from contextcheck.yamlio.fields import Fields

Unit = Literal["money", "hours", "share"]
GRADES = ("A", "B", "C", "D")
AMOUNTS = (*LINE_KEYS, "refusal_cost")
COST_NAMES = tuple(COST_DEFAULTS)
COST_PREFIX = "costs."
TITLES = {
    "free_shipping_threshold": "free-shipping line",
    "coupon_minimum": "coupon minimum",
    "refund_limit": "refund limit",
    "return_window": "return window",
    "payment_expiry": "payment expiry",
    "cod_share": "orders paid on delivery",
    "refusal_cost": "cost of a refused parcel",
}
ABOUT: dict[str, tuple[str, ...]] = {
    "free_shipping_threshold": ("cancel_rate", "rapid_cancel_rate", "modify_rate", "aov", "items_per_order", "orders"),
    "coupon_minimum": ("discount_rate",),
    "refund_limit": ("refund_share",),
    "return_window": ("return_rate", "refund_share"),
    "payment_expiry": ("unpaid_rate",),
    "cod_share": ("refused_rate", "unpaid_rate"),
    "refusal_cost": ("refused_rate",),
}
"""The metrics beside which a default is worth showing."""


@dataclass(frozen=True, slots=True)
class MarketDefault:
    """One documented starting value of a market.

    Attributes:
        name: A key of `defaults:`; of a unit cost `costs.` and its name in contextcheck.yaml.
        unit: What `amount` counts: money in `currency`, hours, or a share from 0 to 1.
        counts: What a period counts from, or what a share is a share of; in words.
        method: Way to pay that a payment expiry belongs to; empty for all.
        note: Range and caveats of the source.
        is_own: Whether the team's own file says it; then nothing is assumed.
    """

    name: str
    unit: Unit
    amount: Decimal
    currency: str = ""
    counts: str = ""
    method: str = ""
    source: str = ""
    url: str = ""
    year: str = ""
    grade: str = ""
    note: str = ""
    is_own: bool = False
    where: Location | None = field(default=None, compare=False)

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def basis(self) -> str:
        """Where it is from, in words."""
        if self.is_own:
            return f"from your {self.where.path if self.where else 'region file'}"
        known = ", ".join(
            part for part in (self.source, self.year, f"grade {self.grade}" if self.grade else "") if part
        )
        return f"default of the market: {known or 'no source given'}"

    @property
    def told(self) -> str:
        """The value in words, such as "72 hours (konbini)"."""
        if self.unit == "money":
            text = money_text(float(self.amount), self.currency)
        elif self.unit == "share":
            text = f"{float(self.amount):.0%}"
        else:
            text = duration_text(float(self.amount))
        return " ".join(part for part in (text, self.counts, f"({self.method})" if self.method else "") if part)


def duration_text(hours: float) -> str:
    """Give a number of hours as people say it.

    Example:
        >>> duration_text(336.0), duration_text(24.0), duration_text(0.5)
        ('14 days', '24 hours', '30 minutes')
    """
    if hours > 24 and hours % 24 == 0:
        return f"{hours / 24:g} days"
    return f"{hours * 60:g} minutes" if hours < 1 else f"{hours:g} hours"


@dataclass(frozen=True, slots=True)
class MarketCosts(Costs):
    """Unit costs of one market; `sources` says of which figures a default of the market speaks, and from where."""

    sources: Mapping[str, str] = field(default_factory=dict)

    def basis(self, name: str) -> str:
        """Where a figure comes from, in words."""
        if name in self.given or name not in self.sources:
            return Costs.basis(self, name)
        return f"assumed: {self.sources[name]}"


def read_defaults(fields_: Fields, *, is_own: bool) -> dict[str, MarketDefault]:
    """Give the defaults of a region file by name; a payment expiry of one way to pay has the method in its name."""
    inner = fields_.mapping("defaults")
    if inner is None:
        return {}
    found = [*_amounts(inner, is_own), *_periods(inner, is_own)]
    if inner.has("cod_share"):
        found += _one(inner, "cod_share", "share", is_own)
    costs = inner.mapping("costs")
    if costs is not None:
        for name in COST_NAMES:
            unit: Unit = "share" if COST_DEFAULTS[name].high == 1 else "money"
            if costs.has(name):
                found += _one(costs, name, unit, is_own, prefix=COST_PREFIX)
        costs.finish()
    inner.finish()
    return {_key(each): each for each in found}


def costs_in(settings: Settings, region_file: RegionFile | None, currency: str) -> Costs:
    """Give the unit costs of one market: the shop's own, else the market's documented ones, else the general ones.

    A default in a currency without a rate is left out, so that the general default speaks (and says so). The general
    ones are sizes in dollars: in won or rupees they are multiplied, by the settings' rate or else by a rounded one.
    """
    costs = settings.costs
    values, sources = {}, {}
    for key, default in (region_file.defaults if region_file else {}).items():
        name = key.removeprefix(COST_PREFIX)
        if key == name or name in costs.given:
            continue
        rate = rate_between(settings, default.currency, currency) if default.unit == "money" else Decimal(1)
        if rate is not None:
            values[name] = (default.amount * rate).quantize(Decimal("0.0001")).normalize()
            sources[name] = f"{default.told}, {default.basis}"
    for name, amount in _general_amounts(settings, currency, skip=costs.given | values.keys()):
        values[name], sources[name] = amount
    if not values:
        return costs
    plain = {each.name: getattr(costs, each.name) for each in fields(Costs)}
    # what the team's own file says is the shop's own figure
    known = region_file.defaults if region_file is not None else {}
    own = {name for name in values if COST_PREFIX + name in known and known[COST_PREFIX + name].is_own}
    return MarketCosts(**{**plain, **values, "given": costs.given | own}, sources=sources)


def _general_amounts(
    settings: Settings, currency: str, *, skip: Collection[str]
) -> Iterator[tuple[str, tuple[Decimal, str]]]:
    """The general default amounts in a currency that is worth much less than a dollar, with their basis."""
    rough = per_dollar(currency)
    if rough == 1:
        return
    rate = rate_between(settings, "USD", currency) or rough
    how = (
        "at the rate of your settings"
        if rate != rough
        else f"converted roughly, about {rough:,} {currency} to the dollar in {YEAR}"
    )
    for name, default in COST_DEFAULTS.items():
        amount = Decimal(default.value)
        if default.high is None and amount and name not in skip:
            yield name, ((amount * rate).quantize(Decimal("0.01")), f"{default.basis}, {how}")


def assumptions_for(
    region: str, region_file: RegionFile | None, lines: Lines, metrics: frozenset[str]
) -> tuple[Assumption, ...]:
    """Give the documented values of a market that stand behind a flag and that the shop has not set itself.

    Args:
        region: The market as the orders name it.
        region_file: What is known about it.
        lines: The lines in use; one that the settings give is not assumed.
        metrics: The metrics of the incident.
    """
    told = []
    for default in region_file.defaults.values() if region_file else ():
        name = default.name
        if default.is_own or name.startswith(COST_PREFIX) or not metrics & frozenset(ABOUT.get(name, ())):
            continue
        line = lines.get(name, {}).get(region)
        if name in LINE_KEYS and (line is None or line.status == "given"):
            continue
        told.append(Assumption(name, TITLES[name], default.told, default.basis, default.note))
    return tuple(told)


def _key(default: MarketDefault) -> str:
    return f"{default.name}:{default.method}" if default.method else default.name


def _amounts(inner: Fields, is_own: bool) -> Iterator[MarketDefault]:
    for name in AMOUNTS:
        if not inner.has(name):
            continue
        if isinstance(inner.child(name), MapNode):
            yield from _one(inner, name, "money", is_own)
        else:
            inner.money(name)  # says what to write instead


def _periods(inner: Fields, is_own: bool) -> Iterator[MarketDefault]:
    if inner.has("return_window"):
        yield from _one(inner, "return_window", "hours", is_own)
    for each in inner.mappings("payment_expiry"):
        yield _read(each, "payment_expiry", "hours", is_own)


def _one(inner: Fields, name: str, unit: Unit, is_own: bool, prefix: str = "") -> Iterator[MarketDefault]:
    each = inner.mapping(name)
    if each is not None:
        yield _read(each, f"{prefix}{name}", unit, is_own)


def _read(each: Fields, name: str, unit: Unit, is_own: bool) -> MarketDefault:
    amount, currency = Decimal(0), ""
    if unit == "money":
        money = each.amount_and_currency()
        amount, currency = money.amount, money.currency
        if currency and not is_currency(currency):
            sentence = f'unknown currency "{currency}"; write its ISO 4217 code such as KRW'
            each.problem("105", each.place("currency"), sentence)
    elif unit == "share":
        amount = each.decimal("share", low=0, high=1)
    else:
        amount = Decimal(str(round(each.hours("within"), 4)))
    default = MarketDefault(
        name=name,
        unit=unit,
        amount=amount,
        currency=currency,
        counts=each.text("counts"),
        method=each.text("method") if name == "payment_expiry" else "",
        source=each.text("source"),
        url=each.text("url"),
        year=each.text("year"),
        grade=each.choice("grade", GRADES) if each.has("grade") else "",
        note=each.text("note"),
        is_own=is_own,
        where=each.where,
    )
    each.finish()
    return default
