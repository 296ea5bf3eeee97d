"""Do these customers say something about it: contacts, survey scores, disputes?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtr, stdtr, stdtrit

from contextcheck.explain.proportions import difference, p_higher
from contextcheck.explain.resampling import effective_number
from contextcheck.explain.signs.outcome import MIN_ORDERS, decided, not_testable, order_words, percent
from contextcheck.explain.voices import WITHIN_HOURS, language_shift, language_words, orders_of_rows
from contextcheck.records import Estimate

if TYPE_CHECKING:
    from contextcheck.explain.signs.interface import SignOutcome
    from contextcheck.explain.slices import Floats, Mask, Slice
    from contextcheck.explain.voices import Voice as Table
    from contextcheck.knowledge.signs import Sign

MIN_DAYS = 14
MAX_LANGUAGE_SHIFT = 0.2
VERBS = {"contacts": "were followed by a contact", "disputes": "were disputed"}


@dataclass(frozen=True, slots=True)
class Change:
    """What was found: now less usual, the p-values of a rise and of staying under the margin, how many, in words."""

    estimate: Estimate
    p_up: float
    p_under_margin: float
    n: int
    sentence: str
    unit: str
    members: Mask | None = None


class Voice:
    """Say whether the customers of these orders contact care, dispute payments, or score lower or higher than usual.

    Method: a row belongs to the order that it names, else to the customer's latest order before it, at most `within`
        hours old. Contacts and disputes: share of the orders with such a row, window minus past; Newcombe's interval,
        n being effective customers. Surveys: mean score as a share of the scale, one answer per row, window minus
        past; Welch's t, n being effective customers. Tables without customers: rows per order and day, window minus
        past, t test with days as units. "Up" holds when the interval lies above 0 and the change is at least `margin`;
        "not up" when the interval lies below `margin`; "down" and "not down" likewise.
    Source: Newcombe (1998), Statistics in Medicine 17; Welch (1947), Biometrika 34; on response styles Harzing (2006),
        International Journal of Cross Cultural Management 6.
    Blind spots: most customers never say anything, and those who do are not a sample; a topic is what an agent ticked.
        Scores are compared with the same market's own past only: how people use a scale differs between countries, so
        levels of two markets are never compared, and when the mix of languages changed the sign is left open.

    Example:
        >>> Voice.__name__
        'Voice'
    """

    def test(self, slice_: Slice, sign: Sign) -> SignOutcome:
        """Test the sign; see `SignTest`."""
        name = sign.text("source")
        table = slice_.scene.voices.get(name)
        if table is None:
            return not_testable(sign, f"no {name} are given (key {name}: of contextcheck.yaml)")
        if not slice_.has_past:
            return not_testable(sign, slice_.scene.before_reason or "no quiet past to compare with")
        topics = sign.texts("topic")
        if topics and "topic" not in table.frame:
            return not_testable(sign, f"the {name} have no topic column")
        if name == "surveys":
            found = _scores(slice_, sign, table)
        elif table.knows_customers and slice_.has("customer_id"):
            found = _followed(slice_, sign, table)
        else:
            found = _per_day(slice_, sign, table)
        return found if not isinstance(found, Change) else _decided(sign, found)


def _decided(sign: Sign, found: Change) -> SignOutcome:
    margin, expect = sign.number("margin"), sign.text("expect")
    down = expect.endswith("down")
    found_low, found_high = found.estimate.low, found.estimate.high
    low, high = (-found_high, -found_low) if down else (found_low, found_high)
    value = -found.estimate.value if down else found.estimate.value
    moved, still = low > 0 and value >= margin, high < margin
    holds: bool | None = None
    if moved or still:
        holds = moved != expect.startswith("not_")
    p_moved = 1 - found.p_up if down else found.p_up
    return decided(
        sign,
        holds=holds,
        sentence=found.sentence,
        effect=found.estimate,
        unit=found.unit,
        n=found.n,
        p_value=found.p_under_margin if expect.startswith("not_") else p_moved,
        members=found.members if expect == "up" else None,
        unclear="the interval leaves open whether it changed",
    )


def _followed(slice_: Slice, sign: Sign, table: Table) -> Change | SignOutcome:
    """Share of the orders with a row of their customer soon after, window against past."""
    within = _within(sign, table)
    rows = table.on_topic(sign.texts("topic"))
    if not table.has_regions and not rows.any():
        return not_testable(sign, f"no {table.name} on the topic {' or '.join(sign.texts('topic'))}")
    order = orders_of_rows(slice_, table, within)[rows]
    has_row = np.zeros(len(slice_.frame), dtype=bool)
    has_row[order[order >= 0]] = True
    chosen = slice_.among(sign.text("among")) & _watched(slice_, table, within)
    if sign.texts("topic") == () and table.name == "disputes":
        chosen &= slice_.focus
    words = order_words(slice_, sign.text("among"))
    groups = [chosen & period for period in (slice_.in_window, ~slice_.in_window)]
    for group, period in zip(groups, ("of the flag", "of the past"), strict=True):
        customers = effective_number(slice_.cluster[group])
        if int(group.sum()) < MIN_ORDERS or customers < MIN_ORDERS:
            reason = f"{int(group.sum())} {words} {period} of about {customers:.0f} customers could be followed"
            return not_testable(sign, f"{reason} for {_hours(within)} in the {table.name}, {MIN_ORDERS} needed")
    (now, n_now), (usual, n_usual) = (
        (float(has_row[group].mean()), effective_number(slice_.cluster[group])) for group in groups
    )
    estimate = difference(now, n_now, usual, n_usual)
    topic = f" about {' or '.join(sign.texts('topic'))}" if sign.texts("topic") else ""
    said = table.frame[rows][order >= 0]
    return Change(
        estimate,
        p_higher(now, n_now, usual, n_usual),
        _p_under(estimate, sign),
        int(groups[0].sum()),
        f"{percent(now)} of the {words} {VERBS[table.name]}{topic} within {_hours(within)}; {percent(usual)} is usual "
        f"here{_spoken(said)}",
        "difference of shares of orders",
        chosen & has_row,
    )


def _scores(slice_: Slice, sign: Sign, table: Table) -> Change | SignOutcome:
    """Mean score of the answers that belong to the orders, window against past."""
    if "score" not in table.frame or table.scale is None:
        return not_testable(sign, "the surveys have no score column (name it: surveys: {columns: {score: ‹header›}})")
    rows = table.on_topic(sign.texts("topic")) & np.isfinite(table.scores())
    in_window, in_past, holder = _answers(slice_, sign, table, rows)
    counts = int(in_window.sum()), int(in_past.sum())
    if min(counts) < MIN_ORDERS:
        return not_testable(sign, f"{counts[0]} answers of the flag and {counts[1]} of the past, {MIN_ORDERS} needed")
    if "language" in table.frame:
        shift = language_shift(table.frame["language"][in_window], table.frame["language"][in_past])
        if shift > MAX_LANGUAGE_SHIFT:
            reason = f"languages of the answers changed ({percent(shift)} moved), and with them how a scale is used"
            return not_testable(sign, reason, counts[0])
    scores = table.scores()
    estimate, p_up = _welch(scores[in_window], holder[in_window], scores[in_past], holder[in_past])
    low, high = table.scale
    now, usual = (low + (high - low) * float(scores[each].mean()) for each in (in_window, in_past))
    return Change(
        estimate,
        p_up,
        _p_under(estimate, sign),
        counts[0],
        f"{counts[0]:,} answers score {now:.2f} of {high:g}; {usual:.2f} is usual in this market (scores of different "
        f"countries are not compared){_spoken(table.frame[in_window])}",
        "difference of scores, share of the scale",
    )


def _answers(slice_: Slice, sign: Sign, table: Table, rows: Mask) -> tuple[Mask, Mask, Floats]:
    """Answers of the window and of the past, and whose they are; by the order they belong to, else by their day."""
    if table.knows_customers and slice_.has("customer_id"):
        order = orders_of_rows(slice_, table, _within(sign, table))
        tied = rows & (order >= 0)
        tied[tied] = slice_.among(sign.text("among"))[order[tied]]
        window = tied.copy()
        window[tied] = slice_.in_window[order[tied]]
        return window, tied & ~window, np.where(order >= 0, slice_.cluster[np.maximum(order, 0)], -1).astype(np.float64)
    if not table.has_regions:
        nobody = np.zeros(len(rows), dtype=bool)
        return nobody, nobody, np.arange(len(rows), dtype=np.float64)
    scene, day = slice_.scene, table.frame["day"]
    assert scene.before is not None
    window = rows & np.asarray(day.between(pd.Timestamp(scene.window.start), pd.Timestamp(scene.window.end)))
    past = rows & np.asarray(day.between(pd.Timestamp(scene.before.start), pd.Timestamp(scene.before.end)))
    return window, past, np.arange(len(rows), dtype=np.float64)


def _welch(now: Floats, who_now: Floats, usual: Floats, who_usual: Floats) -> tuple[Estimate, float]:
    """Difference of means with Welch's interval and the p-value of a rise; n is effective customers."""
    parts = []
    for scores, who in ((now, who_now), (usual, who_usual)):
        n = effective_number(np.unique(who, return_inverse=True)[1])
        parts.append((float(scores.mean()), float(scores.var(ddof=1)) / max(n, 1.0), max(n, 2.0)))
    (m1, v1, n1), (m2, v2, n2) = parts
    error = float(np.sqrt(v1 + v2))
    if not error > 0:
        return Estimate(m1 - m2, m1 - m2, m1 - m2), float(m1 <= m2)
    degrees = (v1 + v2) ** 2 / (v1**2 / (n1 - 1) + v2**2 / (n2 - 1))
    margin = float(stdtrit(degrees, 0.975)) * error
    return Estimate(m1 - m2, m1 - m2 - margin, m1 - m2 + margin), float(stdtr(degrees, -(m1 - m2) / error))


def _per_day(slice_: Slice, sign: Sign, table: Table) -> Change | SignOutcome:
    """Rows per order and day of the region, for tables that do not know customers."""
    if not table.has_regions:
        return not_testable(sign, f"the {table.name} have no region, and their customers cannot be matched")
    rows = table.frame["day"][table.on_topic(sign.texts("topic"))].to_numpy().astype("datetime64[D]")
    days, orders = np.unique(slice_.day, return_counts=True)
    covered = (days > table.first.to_datetime64().astype("datetime64[D]")) & (
        days < table.last.to_datetime64().astype("datetime64[D]")
    )
    days, orders = days[covered], orders[covered]
    rate = np.array([(rows == day).sum() for day in days]) / orders
    window = (days >= np.datetime64(slice_.scene.window.start)) & (days <= np.datetime64(slice_.scene.window.end))
    now, past = rate[window], rate[~window]
    if not len(now) or len(past) < MIN_DAYS or len(rows) < MIN_ORDERS:
        reason = f"{len(rows)} {table.name} on {len(now)} days of the flag and {len(past)} of the past"
        return not_testable(sign, f"{reason}: too few to compare", len(rows))
    error = float(past.std(ddof=1) * np.sqrt(1 / len(now) + 1 / len(past)))
    value = float(now.mean() - past.mean())
    margin = float(stdtrit(len(past) - 1, 0.975)) * error
    estimate = Estimate(value, value - margin, value + margin)
    return Change(
        estimate,
        float(stdtr(len(past) - 1, -value / error)) if error > 0 else float(value <= 0),
        _p_under(estimate, sign),
        int(window.sum()),
        f"{100 * now.mean():.1f} {table.name} per 100 orders of the market; {100 * past.mean():.1f} is usual here",
        "difference per order",
    )


def _watched(slice_: Slice, table: Table, within: float) -> Mask:
    """Orders whose whole time of following lies inside what the table covers."""
    placed = pd.to_datetime(slice_.frame["created_at"])
    return np.asarray((placed >= table.first) & (placed + pd.Timedelta(hours=within) <= table.last), dtype=bool)


def _within(sign: Sign, table: Table) -> float:
    given = sign.options.get("within")
    return float(given) if isinstance(given, (int, float)) else WITHIN_HOURS[table.name]


def _p_under(estimate: Estimate, sign: Sign) -> float:
    """P-value of "the change is not under the margin", on the side that the entry names."""
    error = (estimate.high - estimate.low) / (2 * 1.96)
    value = -estimate.value if sign.text("expect").endswith("down") else estimate.value
    return float(ndtr((value - sign.number("margin")) / error)) if error > 0 else float(value >= sign.number("margin"))


def _hours(hours: float) -> str:
    return f"{hours / 24:.0f} days" if hours >= 48 else f"{hours:g} hours"


def _spoken(rows: pd.DataFrame) -> str:
    words = language_words(rows["language"]) if "language" in rows else ""
    return f"; {words}" if words else "; their languages are not known"
