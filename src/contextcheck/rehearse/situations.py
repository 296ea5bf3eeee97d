"""What an example's `data` asks for: behaviours of the simulator with parameters, a named case, or a small CSV file.

Written as plain text, so that it fits on the example's line::

    data: padding
    data: padding take_up=0.4 trim_share=0.9
    data: expiry-wave in=JP method=konbini renamed=konbini:oxxo
    data: padding line=coupon_minimum
    data: padding + ring accounts=40
    data: double-loading in=GB|DE|FR|US        (or in=all): the same in several markets, explained in the first
    data: own-disputes earlier=21              starts so many days before the usual day, for what takes long to show
    data: korea-ring-in-the-crowd
    data: examples/festive-returns.csv from=2026-02-16 to=2026-03-01
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING

from contextcheck.errors import nearest
from contextcheck.knowledge.lines import LINE_KEYS
from contextcheck.simulate.behaviours.library import BEHAVIOURS, parameters_of
from contextcheck.simulate.cases import CASES
from contextcheck.simulate.markets import CODES

if TYPE_CHECKING:
    from collections.abc import Mapping

CASE_KEYS = ("in",)
BEHAVIOUR_KEYS = ("in", "days", "earlier", "renamed", "line")
FILE_KEYS = ("from", "to", "in", "currency")
FREE_SHIPPING = "free_shipping_threshold"
SET_BY_US = ("region", "first_day", "last_day")
MAX_DAYS = 28
MAX_EARLIER = 40
EVERYWHERE = "all"


class SituationError(ValueError):
    """The text does not name a situation; the message says what to write instead."""


@dataclass(frozen=True, slots=True)
class Part:
    """One behaviour (or the case, or the file) with its options as typed."""

    name: str
    options: tuple[tuple[str, str], ...]

    def option(self, key: str, default: str = "") -> str:
        return dict(self.options).get(key, default)

    @property
    def markets(self) -> tuple[str, ...]:
        """The markets named under `in`, the one that is explained first; none when nothing is named."""
        named = tuple(filter(None, self.option("in").split("|")))
        if named != (EVERYWHERE,):
            return named
        home = BEHAVIOURS[self.name]().region
        return (home, *(code for code in CODES if code != home))


@dataclass(frozen=True, slots=True)
class Situation:
    """What an example's `data` asks for, checked.

    Attributes:
        kind: case, behaviours or file.
        parts: One for a case or a file, one or more for behaviours.
    """

    kind: str
    parts: tuple[Part, ...]

    def has_several_causes(self, market: str) -> bool:
        """Whether more than one thing goes on in a market, so that an entry must be told apart from its rivals."""
        if self.kind == "case":
            behaviours = CASES[self.parts[0].name].scenario.behaviours
            return sum(behaviour.region == market for behaviour in behaviours) > 1
        return len(self.parts) > 1


def read_situation(text: str) -> Situation:
    """Give the situation that an example's `data` names.

    Raises:
        SituationError: An unknown name, an unknown parameter, or a value that does not fit, with the nearest known.
    """
    parts = tuple(_part(piece) for piece in re.split(r"\s+\+\s+", text.strip()))
    if parts[0].name.endswith(".csv"):
        _must_be_alone(parts)
        _check_keys(parts[0], FILE_KEYS)
        if not (_is_day(parts[0].option("from")) and _is_day(parts[0].option("to"))):
            raise SituationError(f'"{parts[0].name}" needs the days to explain: from=2026-02-16 to=2026-03-01')
        return Situation("file", parts)
    if parts[0].name in CASES and parts[0].name not in BEHAVIOURS:
        _must_be_alone(parts)
        _check_keys(parts[0], CASE_KEYS)
        _check_market(parts[0])
        return Situation("case", parts)
    for part in parts:
        _check_behaviour(part)
    return Situation("behaviours", parts)


def parameters(part: Part) -> dict[str, object]:
    """The behaviour's own parameters, typed like their defaults."""
    defaults = {field.name: field.default for field in fields(BEHAVIOURS[part.name])}  # type: ignore[arg-type]
    typed: dict[str, object] = {}
    for key, text in part.options:
        if key in BEHAVIOUR_KEYS:
            continue
        typed[key] = _typed(key, text, defaults[key])
    return typed


def renamed_words(situation: Situation) -> Mapping[str, str]:
    """Word of the simulated shop to the word that is put in its place."""
    pairs = [pair for part in situation.parts for pair in part.option("renamed").split(";") if pair]
    return {old: new for old, _, new in (pair.partition(":") for pair in pairs)}


def line_name(situation: Situation) -> str:
    """Under which name the simulated markets' line is known; that of free shipping unless told otherwise."""
    return next((part.option("line") for part in situation.parts if part.option("line")), FREE_SHIPPING)


def _part(piece: str) -> Part:
    name, *words = piece.split()
    pairs = []
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not value:
            raise SituationError(f'"{word}" must be key=value without spaces, such as take_up=0.4')
        pairs.append((key, value))
    return Part(name, tuple(pairs))


def _must_be_alone(parts: tuple[Part, ...]) -> None:
    if len(parts) > 1:
        raise SituationError(f'"{parts[0].name}" is a whole world; only behaviours are joined with +')


def _check_behaviour(part: Part) -> None:
    if part.name not in BEHAVIOURS:
        raise SituationError(f'no behaviour or case "{part.name}"{nearest(part.name, (*BEHAVIOURS, *CASES))}')
    own = [name for name in parameters_of(part.name) if name not in SET_BY_US]
    _check_keys(part, (*BEHAVIOUR_KEYS, *own))
    _check_market(part)
    for key, usual, least, most in (("days", "14", 1, MAX_DAYS), ("earlier", "0", 0, MAX_EARLIER)):
        text = part.option(key, usual)
        if not text.isdecimal() or not least <= int(text) <= most:
            raise SituationError(f"{key}={text} must be a whole number from {least} to {most}")
    line = part.option("line", FREE_SHIPPING)
    if line not in LINE_KEYS:
        raise SituationError(f"line={line} is no line{nearest(line, LINE_KEYS)}")
    parameters(part)


def _check_keys(part: Part, known: tuple[str, ...]) -> None:
    for key, _ in part.options:
        if key not in known:
            raise SituationError(f'"{part.name}" has no parameter "{key}"{nearest(key, known)}')


def _check_market(part: Part) -> None:
    for market in part.markets:
        if market not in CODES:
            raise SituationError(f"in={market} is no simulated market; they are {', '.join(CODES)}")


def _typed(key: str, text: str, default: object) -> object:
    try:
        if isinstance(default, bool):
            return {"true": True, "false": False}[text]
        if isinstance(default, int):
            return int(text)
        if isinstance(default, float):
            return float(text)
    except (ValueError, KeyError):
        raise SituationError(f"{key}={text} must be like {key}={default}") from None
    return tuple(text.split("|")) if isinstance(default, tuple) else text


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
