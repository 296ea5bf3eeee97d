"""Typed reads from a JSON tree; what is wrong is said with its place, such as `findings.json: flags/0/window/start`."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NoReturn, cast, get_args

from contextcheck.errors import InputError, Location, Problem
from contextcheck.report.plain import REASONS

if TYPE_CHECKING:
    from collections.abc import Mapping

NOT_FINITE = {reason: value for value, reason in REASONS.items()}


@dataclass(frozen=True, slots=True)
class JsonNode:
    """One value of a findings file and where it stands.

    Attributes:
        tree: The value.
        file: How the file is called in messages.
        place: Keys and positions that lead to the value, each after a "/".
        not_finite: Place to "nan", "inf" or "-inf" for the figures that the file lists as not known.
    """

    tree: object
    file: str
    place: str = ""
    not_finite: Mapping[str, str] = field(default_factory=dict)

    def refuse(self, message: str) -> NoReturn:
        where = f"{self.file}: {self.place.lstrip('/')}" if self.place else self.file
        raise InputError(Problem("RP203", where, message))

    def child(self, key: str | int) -> JsonNode:
        """The value under a key; null when the file lacks it."""
        if isinstance(key, int):
            tree = cast("list[object]", self.tree)[key]
        else:
            if not isinstance(self.tree, dict):
                self.refuse(f"an object with named values is expected, found {kind_of(self.tree)}")
            tree = self.tree.get(key)
        return JsonNode(tree, self.file, f"{self.place}/{key}", self.not_finite)

    def optional(self, key: str) -> JsonNode | None:
        found = self.child(key)
        return None if found.tree is None else found

    def items(self, key: str) -> list[JsonNode]:
        """The members of a list; none when the file lacks it."""
        found = self.child(key)
        if found.tree is None:
            return []
        if not isinstance(found.tree, list):
            found.refuse(f"a list is expected, found {kind_of(found.tree)}")
        return [found.child(index) for index in range(len(found.tree))]

    def text(self, key: str, default: str | None = None) -> str:
        found = self.child(key)
        if found.tree is None and default is not None:
            return default
        return found.as_text()

    def as_text(self) -> str:
        if not isinstance(self.tree, str):
            self.refuse(f"a text is expected, found {kind_of(self.tree)}")
        return self.tree

    def texts(self, key: str) -> tuple[str, ...]:
        return tuple(each.as_text() for each in self.items(key))

    def text_map(self, key: str) -> dict[str, str]:
        found = self.child(key)
        if found.tree is None:
            return {}
        if not isinstance(found.tree, dict):
            found.refuse(f"an object with named texts is expected, found {kind_of(found.tree)}")
        return {name: found.child(name).as_text() for name in found.tree}

    def choice(self, key: str, choices: object) -> str:
        """One of the words of a Literal type."""
        words = cast("tuple[str, ...]", get_args(choices))
        found = self.text(key)
        if found not in words:
            self.child(key).refuse(f'"{found}" is none of {", ".join(words)}')
        return found

    def day(self, key: str) -> date:
        return self.child(key).as_day()

    def as_day(self) -> date:
        found = self.as_text()
        try:
            return date.fromisoformat(found)
        except ValueError:
            self.refuse(f'"{found}" is not a day such as 2026-03-16')

    def number(self, key: str) -> float:
        found = self.child(key)
        if found.tree is None:
            return float(self.not_finite.get(found.place, "nan"))
        if isinstance(found.tree, bool) or not isinstance(found.tree, (int, float)):
            found.refuse(f"a number is expected, found {kind_of(found.tree)}")
        return float(found.tree)

    def optional_number(self, key: str) -> float | None:
        found = self.child(key)
        if found.tree is None and found.place not in self.not_finite:
            return None
        return self.number(key)

    def whole(self, key: str, default: int | None = None) -> int:
        found = self.child(key)
        if found.tree is None and default is not None:
            return default
        if isinstance(found.tree, bool) or not isinstance(found.tree, int):
            found.refuse(f"a whole number is expected, found {kind_of(found.tree)}")
        return found.tree

    def counted(self, key: str, part: str, total: str) -> tuple[int, int] | None:
        """How many of how many, from an object with these two keys; None when the file lacks it."""
        found = self.optional(key)
        return (found.whole(part), found.whole(total)) if found else None

    def money(self, key: str) -> Decimal:
        found = self.child(key)
        if found.tree is None:
            return Decimal(self.not_finite.get(found.place, "nan"))
        try:
            amount = Decimal(found.as_text())
        except InvalidOperation:
            found.refuse(f'"{found.tree}" is not an amount such as "4120.50"')
        return amount

    def optional_money(self, key: str) -> Decimal | None:
        found = self.child(key)
        if found.tree is None and found.place not in self.not_finite:
            return None
        return self.money(key)

    def has_figure(self, key: str) -> bool:
        """Whether a figure was written, be it as null because it is not finite."""
        found = self.child(key)
        return found.tree is not None or found.place in self.not_finite

    def location(self, key: str) -> Location | None:
        found = self.optional(key)
        if found is None:
            return None
        return Location(found.text("path"), found.whole("line", 0), found.whole("column", 0))


def with_not_known(root: JsonNode) -> JsonNode:
    """The root with the figures that the file lists as not known."""
    table = {
        each.text("where"): NOT_FINITE[each.text("reason")]
        for each in root.items("not_known")
        if each.text("reason") in NOT_FINITE
    }
    return JsonNode(root.tree, root.file, root.place, table)


def kind_of(value: object) -> str:
    """What a value is, in words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"the number {value}" if not isinstance(value, float) or math.isfinite(value) else "no finite number"
    if isinstance(value, str):
        return f'the text "{value[:40]}"'
    return "a list" if isinstance(value, list) else "an object"
