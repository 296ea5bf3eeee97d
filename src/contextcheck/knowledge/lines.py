"""Lines that order values may heap at (free shipping, coupon minimum …), per region, in the reporting currency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from contextcheck.knowledge.entries import RegionFile
    from contextcheck.records import Money
    from contextcheck.settings import Settings

LINE_KEYS = {
    "free_shipping_threshold": "free_shipping",
    "coupon_minimum": "coupon_minimum",
    "refund_limit": "refund_limit",
}
"""Name in signs and region defaults to its name under `thresholds:` in contextcheck.yaml."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of one region: `amount` in the reporting currency, `local` as people there know it; `basis` in words."""

    amount: float
    local: Money
    status: Literal["given", "assumed"]
    basis: str = ""


Lines = Mapping[str, Mapping[str, Line]]
"""Line name (as in signs) to region to its line; a region without one is absent."""


def resolve_lines(
    settings: Settings, region_files: Mapping[str, RegionFile], regions: Iterable[str], currency: str
) -> Lines:
    """Give every line of every region: the shop's settings first, then the region's documented default.

    A line in a currency that has no rate is left out; signs then say that they lack it.
    """
    lines: dict[str, dict[str, Line]] = {name: {} for name in LINE_KEYS}
    for region in regions:
        for name, key in LINE_KEYS.items():
            given = settings.thresholds.get(key, {})
            own = given.get(region) or given.get("default")
            entry = region_files.get(settings.region_names.get(region, region))
            default = entry.defaults.get(name) if entry else None
            local = own or (default.money if default else None)
            rate = rate_between(settings, local.currency, currency) if local else None
            if local is not None and rate is not None:
                amount = float(local.amount * rate)
                is_given = own is not None or (default is not None and default.is_own)
                basis = "from your settings" if own or default is None else default.basis
                lines[name][region] = Line(amount, local, "given" if is_given else "assumed", basis)
    return lines


def rate_between(settings: Settings, source: str, target: str) -> Decimal | None:
    """Give one unit of a currency in another, as the settings say; None where they do not."""
    if source == target:
        return Decimal(1)
    known = settings.rates.get(source)
    return known.rate if known else None
