"""The look ahead, told: what keeping, rolling back and waiting are expected to cost, and when more days answer it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contextcheck.report import words
from contextcheck.report.words import clean

if TYPE_CHECKING:
    from contextcheck.records import Outlook


def ahead_sentences(outlook: Outlook | None, currency: str) -> tuple[str, ...]:
    """Give the look ahead in a few sentences; none when the money is not known."""
    if outlook is None:
        return ()
    forecast = words.money(outlook.forecast_per_day, currency, signed=True)
    limit = words.money(outlook.break_even_per_day, currency, signed=True)
    keeping = words.money(outlook.cost_of_keeping, currency)
    rolling = words.money(outlook.cost_of_rolling_back, currency)
    return (
        f"expected from now on: {forecast} a day (from {clean(outlook.based_on)}, shrunk towards no effect); "
        f"a roll-back pays below {limit} a day",
        f"over {words.counted(outlook.horizon_days, 'day')} keeping is expected to cost {keeping}, rolling back "
        f"{rolling} (roll-back {words.money(outlook.roll_back_cost, currency)} once, and the gain given up)",
        f"chance of a loss {words.share(outlook.chance_of_loss)}; of one dearer than a roll-back "
        f"{words.share(outlook.chance_worth_roll_back)}",
        f"{_choice(outlook)}; {clean(outlook.answer)}",
    )


def _choice(outlook: Outlook) -> str:
    """The cheapest by expected cost, and the one that can turn out less wrong."""
    named = {"keep": "keeping", "roll-back": "rolling back", "wait": "waiting"}
    cheapest, safest = named[outlook.choice], named[outlook.minimax]
    told = f"by expected cost {cheapest} is cheapest"
    if outlook.choice == "wait":
        best = max(outlook.waiting, key=lambda each: each.value - each.cost)
        told += f" ({words.counted(best.days, 'more day')})"
    same = " as well" if outlook.choice == outlook.minimax else ""
    return f"{told}, least can go wrong with {safest}{same}"
