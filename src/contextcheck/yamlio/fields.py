"""Typed reads from YAML nodes; every problem is collected, the reading goes on.

A `Fields` object stands for one mapping. Each read marks its key as known; `finish()` reports the others with
the nearest known name. Problem codes are the file kind's two letters and the numbers below:
101 missing · 102 unknown key · 103 wrong kind of value · 104 out of range · 105 unknown choice · 106 not a date ·
107 amount without currency · 108 not a duration.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, TypeVar

from contextcheck.errors import Location, Problem, nearest
from contextcheck.records import Money
from contextcheck.yamlio.document import ListNode, MapNode, Node, Scalar
from contextcheck.yamlio.remedies import clock_remedy, missing_space, number_remedy, truth_remedy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Choice = TypeVar("Choice", bound=str)
_DURATION = re.compile(r"^(\d{1,6})\s*(h|d|m)$")
_HOURS = {"m": 1 / 60, "h": 1.0, "d": 24.0}


class Fields:
    """Typed access to one mapping; see the module's text."""

    def __init__(self, node: MapNode, problems: list[Problem], prefix: str) -> None:
        self.node = node
        self.where = node.where
        self.problems = problems
        self.prefix = prefix
        self._known: set[str] = set()

    # ── places and problems ──

    def place(self, key: str) -> Location:
        """Where the value of `key` stands; the mapping's own place when the key is absent."""
        found = self.node.entries.get(key)
        return found[1].where if found else self.where

    def problem(self, number: str, place: Location, sentence: str) -> None:
        self.problems.append(Problem(f"{self.prefix}{number}", str(place), sentence))

    def has(self, key: str) -> bool:
        self._known.add(key)
        node = self.node.get(key)
        return node is not None and not (isinstance(node, Scalar) and node.is_empty)

    def names(self) -> tuple[str, ...]:
        return tuple(self.node.entries)

    def finish(self) -> None:
        """Report every key that nothing asked for."""
        for key, (place, _) in self.node.entries.items():
            if key in self._known:
                continue
            if key.isdecimal():
                sentence = f'"{key}" is no key; a comma ends a number here, so write 0.{key} with a point'
                self.problem("102", place, sentence)
            else:
                self.problem("102", place, f'unknown key "{key}"{nearest(key, self._known)}')

    # ── raw nodes ──

    def child(self, key: str, *, required: bool = False) -> Node | None:
        if not self.has(key):
            if required:
                self.problem("101", self.where, f'"{key}" is missing')
            return None
        return self.node.get(key)

    def mapping(self, key: str, *, required: bool = False) -> Fields | None:
        node = self.child(key, required=required)
        if node is None:
            return None
        if not isinstance(node, MapNode):
            self.problem("103", node.where, f'"{key}" must be a mapping (key: value lines)')
            return None
        return Fields(node, self.problems, self.prefix)

    def items(self, key: str, *, required: bool = False) -> tuple[Node, ...]:
        node = self.child(key, required=required)
        if node is None:
            return ()
        if not isinstance(node, ListNode):
            self.problem("103", node.where, f'"{key}" must be a list (lines that start with "- ", or [a, b])')
            return ()
        return node.items

    def mappings(self, key: str, *, required: bool = False) -> Iterator[Fields]:
        for node in self.items(key, required=required):
            if isinstance(node, MapNode):
                yield Fields(node, self.problems, self.prefix)
            else:
                hint = missing_space(node.text) if isinstance(node, Scalar) else ""
                sentence = f'each item of "{key}" must be a mapping'
                self.problem("103", node.where, f"{sentence}; {hint}" if hint else sentence)

    def refuse_empty(self, key: str, remedy: str) -> None:
        """Report a list that is given and holds nothing."""
        node = self.node.get(key)
        if isinstance(node, ListNode) and not node.items:
            self.problem("101", node.where, f"{key} is an empty list; {remedy}")

    # ── scalars ──

    def scalar(self, key: str, *, required: bool = False) -> Scalar | None:
        node = self.child(key, required=required)
        if node is None:
            return None
        if not isinstance(node, Scalar):
            self.problem("103", node.where, f'"{key}" must be a single value')
            return None
        return node

    def text(self, key: str, default: str = "", *, required: bool = False) -> str:
        node = self.scalar(key, required=required)
        return node.text.strip() if node else default

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """A list of texts; a single text counts as a list of one."""
        node = self.child(key, required=required)
        if isinstance(node, Scalar):
            return (node.text.strip(),)
        found = []
        for item in self.items(key) if node is not None else ():
            if isinstance(item, Scalar):
                found.append(item.text.strip())
            else:
                remedy = '; put the whole text in "quotes", a colon splits it' if isinstance(item, MapNode) else ""
                self.problem("103", item.where, f'each item of "{key}" must be a single text{remedy}')
        return tuple(found)

    def choice(self, key: str, known: Iterable[Choice], default: Choice | None = None) -> Choice:
        names = tuple(known)
        node = self.scalar(key, required=default is None)
        if node is None:
            return default if default is not None else names[0]
        text = node.text.strip()
        if text not in names:
            self.problem("105", node.where, f'unknown {key} "{text}"{nearest(text, names)}')
            return default if default is not None else names[0]
        return text

    def decimal(
        self,
        key: str,
        default: Decimal | str | None = None,
        *,
        low: float | None = None,
        high: float | None = None,
    ) -> Decimal:
        fallback = Decimal(default) if default is not None else Decimal(0)
        node = self.scalar(key, required=default is None)
        if node is None:
            return fallback
        value = to_decimal(node.text)
        if value is None:
            self.problem(
                "103",
                node.where,
                f'{key} is "{node.text}", but must be a number{number_remedy(node.text) or " such as 0.35"}',
            )
            return fallback
        if (low is not None and value < Decimal(str(low))) or (high is not None and value > Decimal(str(high))):
            self.problem("104", node.where, self._range_sentence(key, value, low, high))
            return fallback
        return value

    def number(
        self, key: str, default: float | None = None, *, low: float | None = None, high: float | None = None
    ) -> float:
        return float(self.decimal(key, None if default is None else str(default), low=low, high=high))

    def share(self, key: str, default: float | None = None) -> float:
        """A share from 0 to 1."""
        return self.number(key, default, low=0, high=1)

    def whole(self, key: str, default: int | None = None, *, low: int | None = None, high: int | None = None) -> int:
        value = self.decimal(key, None if default is None else str(default), low=low, high=high)
        if value != value.to_integral_value():
            self.problem("103", self.place(key), f"{key} is {value}, but must be a whole number")
        return int(value)

    def boolean(self, key: str, *, default: bool) -> bool:
        node = self.scalar(key)
        if node is None:
            return default
        if node.text not in ("true", "false"):
            self.problem(
                "103", node.where, f'{key} is "{node.text}", but must be true or false{truth_remedy(node.text)}'
            )
            return default
        return node.text == "true"

    def day(self, key: str, *, required: bool = False) -> date | None:
        node = self.scalar(key, required=required)
        if node is None:
            return None
        try:
            return date.fromisoformat(node.text.strip())
        except ValueError:
            self.problem("106", node.where, f'{key} is "{node.text}", but must be a day such as 2026-03-01')
            return None

    def hours(self, key: str, default: float | None = None) -> float:
        """A duration such as 24h, 14d or 30m, in hours."""
        node = self.scalar(key, required=default is None)
        if node is None:
            return default or 0.0
        found = _DURATION.match(node.text.strip())
        if not found:
            sentence = f'{key} is "{node.text}", but must be a duration such as 24h or 14d{clock_remedy(node.text)}'
            self.problem("108", node.where, sentence)
            return default or 0.0
        return int(found[1]) * _HOURS[found[2]]

    def money(self, key: str, default_currency: str | None = None) -> Money | None:
        """`{amount: 50000, currency: KRW}`, or a bare number where a default currency applies."""
        node = self.child(key)
        return None if node is None else self.money_of(node, key, default_currency)

    def money_of(self, node: Node, key: str, default_currency: str | None = None) -> Money | None:
        if isinstance(node, MapNode):
            inner = Fields(node, self.problems, self.prefix)
            money = inner.amount_and_currency(default_currency)
            inner.finish()
            return money
        value = to_decimal(node.text) if isinstance(node, Scalar) else None
        if value is None:
            remedy = number_remedy(node.text) if isinstance(node, Scalar) else ""
            self.problem(
                "103", node.where, f'"{key}" must be an amount such as {{amount: 50000, currency: KRW}}{remedy}'
            )
            return None
        if default_currency is None:
            remedy = f"write {{amount: {value}, currency: KRW}} with its currency"
            self.problem("107", node.where, f"{key} {value} has no currency; {remedy}")
            return None
        return Money(value, default_currency)

    def amount_and_currency(self, default_currency: str | None = None) -> Money:
        """The keys `amount` and `currency` of this mapping, which may have others beside them."""
        amount = self.decimal("amount", low=0)
        self._check_thousands("amount")
        currency = self.text("currency", default_currency or "", required=default_currency is None)
        if currency and not re.fullmatch(r"[A-Za-z]{3}", currency):
            sentence = f'the currency is "{currency}", but must be three letters such as KRW'
            self.problem("107", self.place("currency"), sentence)
        return Money(amount, currency.upper())

    def _check_thousands(self, key: str) -> None:
        """Refuse 50.000, which is fifty with three decimals here and fifty thousand where the writer lives."""
        node = self.node.get(key)
        if isinstance(node, Scalar) and re.fullmatch(r"\d{1,3}\.\d{3}", node.text.strip()):
            whole, rest = node.text.strip().split(".")
            sentence = f'{key} is "{node.text}", which reads as {float(node.text):g}'
            remedy = f"write {whole}{rest} without a point, or {whole}.{rest.rstrip('0') or '0'}"
            self.problem("103", node.where, f"{sentence}; {remedy}")

    @staticmethod
    def _range_sentence(key: str, value: Decimal, low: float | None, high: float | None) -> str:
        if low is not None and high is not None:
            span = f"from {low:g} to {high:g}"
        else:
            span = f"{low:g} or more" if low is not None else f"{high:g} or less"
        hint = ""
        if high == 1 and 1 < value <= 100:
            hint = f"; write {value / 100:f} for {value} percent"
        return f"{key} is {value}, but must be {span}{hint}"


def to_decimal(text: str) -> Decimal | None:
    """A plain decimal number as typed, or None; `1_000`, `010`, `0x10`, `.inf`, `1e3` and longer ones are none."""
    if not re.fullmatch(r"[+-]?(0|[1-9]\d{0,17})(\.\d+)?", text.strip()):
        return None
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        return None
