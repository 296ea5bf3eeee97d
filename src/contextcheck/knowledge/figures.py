"""How large and how well founded a collection of entries is, and what its predictions need."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contextcheck.knowledge.columns import COLUMNS
from contextcheck.knowledge.signs import SIGN_SPECS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from contextcheck.knowledge.entries import Entry
    from contextcheck.knowledge.signs import Sign

REQUIRED = frozenset({"order_id", "region", "created_at", "status"})
STEPS: Mapping[str, frozenset[str]] = {
    "the four required columns alone": REQUIRED,
    "and customers, amounts and times": frozenset(
        {
            *("customer_id", "currency", "order_total", "retained_total", "refund_total", "items", "kept_items"),
            *("cancelled_at", "modified_at", "returned_at", "chargeback_at", "chargeback_total"),
        }
    ),
    "and words (payment, category, channel, product, coupon, reason)": frozenset(
        {
            *("payment_method", "category", "channel", "touchpoint", "product_id", "coupon", "discount_total"),
            *("cancel_reason", "feature_exposed"),
        }
    ),
    "and keys (device, address, payment, age of the account)": frozenset(
        {"device_id", "address_id", "payment_id", "account_created_at"}
    ),
    "every column of the contract": frozenset(COLUMNS),
}
"""Columns as shops add them, each step with those of the steps before."""
UNSPECIFIC = frozenset({"spread"})


@dataclass(frozen=True, slots=True)
class Testable:
    """Which share of the entries some columns serve.

    Attributes:
        columns: In words.
        wholly: Share of the entries all of whose strong signs can be tested.
        enough: Share of the entries that can be supported: half of the strong signs, one of them more than a spread.
    """

    columns: str
    wholly: float
    enough: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts and shares of a collection; shares are of all its entries.

    Attributes:
        norms: Number of norms, each counted once however many regions it applies in.
        others: Number of abuse patterns and faults.
        statuses: Status to number of entries.
        grades: Best grade of the mechanism's sources to share of the entries; "" for none.
        with_two_examples: Share with two examples or more.
        with_both_kinds: Share with an example that must hold and one that must not.
        testable: What some columns serve, from few to all.
    """

    norms: int
    others: int
    statuses: Mapping[str, int]
    grades: Mapping[str, float]
    with_two_examples: float
    with_both_kinds: float
    testable: tuple[Testable, ...]


def figures_of(entries: Iterable[Entry]) -> Figures:
    """Give the figures of a collection."""
    unique = list({(entry.id, str(entry.where)): entry for entry in entries}.values())
    total = max(len(unique), 1)
    grades = Counter(entry.mechanism_grade for entry in unique)
    return Figures(
        norms=sum(entry.kind == "norm" for entry in unique),
        others=sum(entry.kind != "norm" for entry in unique),
        statuses=dict(sorted(Counter(entry.status for entry in unique).items())),
        grades={grade: count / total for grade, count in sorted(grades.items())},
        with_two_examples=sum(len(entry.examples) >= 2 for entry in unique) / total,
        with_both_kinds=sum(_has_both_kinds(entry) for entry in unique) / total,
        testable=tuple(_steps(unique)),
    )


def _has_both_kinds(entry: Entry) -> bool:
    held = {each.expect == "supported" for each in entry.examples}
    return held == {True, False}


def _steps(entries: Collection[Entry]) -> Iterable[Testable]:
    known: frozenset[str] = frozenset()
    total = max(len(entries), 1)
    for words, columns in STEPS.items():
        known |= columns
        wholly = sum(all(_can_test(sign, known) for sign in _strong(entry)) for entry in entries)
        enough = sum(_can_hold(entry, known) for entry in entries)
        yield Testable(words, wholly / total, enough / total)


def _strong(entry: Entry) -> list[Sign]:
    return [sign for sign in entry.signs if sign.weight == "strong"]


def _can_hold(entry: Entry, columns: frozenset[str]) -> bool:
    strong = _strong(entry)
    served = [sign for sign in strong if _can_test(sign, columns)]
    return 2 * len(served) >= len(strong) and any(sign.test not in UNSPECIFIC for sign in served)


def _can_test(sign: Sign, columns: frozenset[str]) -> bool:
    if sign.test == "concentration":
        return bool(set(sign.texts("over")) & columns)
    return set(SIGN_SPECS[sign.test].needs(sign)) <= columns
