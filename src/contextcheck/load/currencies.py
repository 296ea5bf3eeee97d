"""Amounts in several currencies become amounts in the reporting currency at fixed, given rates."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from contextcheck.errors import InputError, Problem
from contextcheck.knowledge.rough_rates import YEAR, rough_rate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contextcheck.load.mapfit import MapFit
    from contextcheck.load.profile import Group
    from contextcheck.settings import Settings

FAR_OFF = 5
"""So many times above or below the rough level a rate is said to be off."""
UNKNOWN = "XXX"
"""ISO 4217 code for "no currency": amounts are shown without a sign of one."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """The reporting currency and what one unit of every word of the source is worth in it.

    `assumed` is the rate of rows that name no currency; None when such rows cannot be read.
    """

    currency: str
    rates: Mapping[str, Decimal]
    assumed: Decimal | None

    @property
    def is_needed(self) -> bool:
        return any(rate != 1 for rate in self.rates.values())


def decide_currency(
    groups: Sequence[Group], settings: Settings, fit: MapFit, name: str
) -> tuple[Conversion, list[Problem]]:
    """Settle the reporting currency and the rates.

    Raises:
        InputError: IN210 several currencies and no rates; IN212 a currency without a rate.
    """
    counts: Counter[str] = Counter()
    for group in groups:
        if group.currency is not None and group.currency.strip():
            counts[group.currency] += group.rows
    codes: Counter[str] = Counter()
    for word, rows in counts.items():
        codes[word.strip().upper()] += rows
    fixed = fit.map.currency
    if not codes and fixed:
        codes[fixed] = 1
    target = settings.currency or (next(iter(codes)) if len(codes) == 1 else "")
    if not codes:
        return _without_currency(settings, name)
    missing = [code for code in codes if code != target and code not in settings.rates]
    if (missing or not target) and len(codes) > 1:
        raise InputError(_several(codes, fit, name, missing if target and settings.rates else []))
    if missing:
        sentence = (
            f"amounts are in {missing[0]} and the reporting currency is {target}, but no rate is given; add rates: "
            f"{{{missing[0]}: {{rate: ..., on: YYYY-MM-DD}}}}, or set currency: {missing[0]}"
        )
        raise InputError(Problem("IN212", name, sentence))
    rate_of = {code: Decimal(1) if code == target else settings.rates[code].rate for code in codes}
    rates = {word: rate_of[word.strip().upper()] for word in counts}
    assumed = next(iter(rate_of.values())) if len(codes) == 1 else None
    return Conversion(target, rates, assumed), _odd_rates(settings, target)


def _odd_rates(settings: Settings, target: str) -> list[Problem]:
    """The given rates that are far from what the currency is worth, and those that look turned round."""
    problems = []
    for code, given in settings.rates.items():
        rough = rough_rate(code, target)
        if rough is None or code == target or _is_near(given.rate, rough):
            continue
        sentence = f"1 {code} is taken as {_plain(given.rate)} {target}, but was about {_plain(rough)} in {YEAR}"
        remedy = "check it, amounts are converted as given"
        if _is_near(1 / given.rate, rough):
            remedy = f"it looks turned round ({target} in {code}): write rates: {{{code}: {_plain(1 / given.rate)}}}"
        problems.append(Problem("IN213", f"rates.{code}", f"{sentence}; {remedy}", "warning"))
    return problems


def _is_near(rate: Decimal, rough: Decimal) -> bool:
    return rough / FAR_OFF <= rate <= rough * FAR_OFF


def _plain(rate: Decimal) -> str:
    """Three digits that count, never in powers of ten."""
    digits = f"{rate:.{max(0, 2 - rate.adjusted())}f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _without_currency(settings: Settings, name: str) -> tuple[Conversion, list[Problem]]:
    if settings.currency:
        return Conversion(settings.currency, {}, Decimal(1)), _odd_rates(settings, settings.currency)
    sentence = "no column names a currency: amounts are shown without one; say it with currency: EUR"
    return Conversion(UNKNOWN, {}, Decimal(1)), [Problem("IN211", name, sentence, "warning")]


def _several(codes: Counter[str], fit: MapFit, name: str, missing: Sequence[str]) -> Problem:
    total = sum(codes.values())
    shares = ", ".join(f"{code} {100 * rows / total:.0f} %" for code, rows in codes.most_common(6))
    rule = fit.map.columns.get("order_total")
    column = fit.headers.get(rule.sources[0], "order_total") if rule and rule.sources else "amounts"
    number = "two" if len(codes) == 2 else str(len(codes))
    first = codes.most_common(1)[0][0]
    if missing:
        listed = ", ".join(missing)
        sentence = f'"{column}" is in {number} currencies ({shares}) and no rate is given for {listed}'
        return Problem("IN212", name, f"{sentence}; add it under rates: in contextcheck.yaml")
    sentence = f'"{column}" is in {number} currencies ({shares}) and no rates are given'
    other = next(code for code in codes if code != first)
    remedy = f"set currency: {first} and rates: {{{other}: {{rate: ..., on: YYYY-MM-DD}}}} in contextcheck.yaml"
    return Problem("IN210", name, f"{sentence}; {remedy}, or export one currency")
