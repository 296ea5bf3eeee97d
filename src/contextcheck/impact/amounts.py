"""Amounts to the cent, and lists of amounts that add up exactly."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CENT = Decimal("0.01")


def money(amount: float) -> Decimal:
    """An amount to the cent; never minus zero."""
    return Decimal(repr(float(amount))).quantize(CENT) + Decimal(0)


def balanced(amounts: Mapping[str, Decimal], total: Decimal) -> dict[str, Decimal]:
    """Give the amounts with what rounding left over put on the largest, so that they add up to the total exactly.

    Example:
        >>> balanced({"a": Decimal("0.33"), "b": Decimal("0.66")}, Decimal("1.00"))
        {'a': Decimal('0.33'), 'b': Decimal('0.67')}
    """
    adjusted = dict(amounts)
    rest = total - sum(adjusted.values(), Decimal(0))
    if adjusted and rest:
        largest = max(adjusted, key=lambda name: abs(adjusted[name]))
        adjusted[largest] += rest
    return adjusted
