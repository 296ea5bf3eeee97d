"""What is unusual about a flag, in words before statistics."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from contextcheck.report import words
from contextcheck.report.words import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from contextcheck.records import Finding, Flag, Investigation, MetricInfo, RelatedMetric

METRIC_WORDS = {
    "cancel_rate": ("of orders cancelled", "cancel"),
    "rapid_cancel_rate": ("of orders cancelled within 24 hours", "quick cancel"),
    "modify_rate": ("of orders changed or trimmed", "changed order"),
    "return_rate": ("of orders returned", "return"),
    "unpaid_rate": ("of orders never paid", "unpaid order"),
    "refused_rate": ("of orders refused at the door", "refused order"),
    "discount_rate": ("of orders with a discount", "discounted order"),
    "new_account_discount_rate": ("of orders with a discount, of new accounts", "new account's discounted order"),
    "chargeback_rate": ("of orders charged back", "chargeback"),
}
"""Rate to how it is said of orders, and what one of its events is called."""

MOST_RELATED = 4
"""Metrics of the same incident that are named."""

MONEY_UNITS = frozenset({"money", "currency", "amount", "reporting currency"})


def metric_title(metric: str, metrics: Mapping[str, MetricInfo]) -> str:
    """How a metric is called by its definition; its id in words when the definition is not at hand."""
    info = metrics.get(metric)
    title = clean(info.title) if info else ""
    return title or words.sentence(metric.replace("_", " ")).rstrip(".")


def unusual_sentences(finding: Finding, investigation: Investigation) -> tuple[str, ...]:
    """What was seen against what was expected, how much more that is, how sure it is, and what else moved."""
    flag = finding.flag
    currency = finding.ledger.currency
    kind = _kind(flag.metric, investigation.metrics)
    level = _level(flag, kind, currency, investigation.metrics)
    more = _more(flag, kind)
    how_sure = [part for part in (more, words.chance(flag.q_value)) if part]
    sentences = [level, " · ".join(how_sure)]
    if flag.related:
        moved = [_related(each, currency, investigation.metrics) for each in flag.related[:MOST_RELATED]]
        rest = len(flag.related) - len(moved)
        more_moved = f"; and {words.counted(rest, 'more metric')}" if rest else ""
        sentences.append(f"moved with it: {'; '.join(moved)}{more_moved}")
    return tuple(sentences)


def unusual_in_short(finding: Finding, investigation: Investigation) -> str:
    """What was seen against what was expected, without the range; for a headline."""
    flag = finding.flag
    kind = _kind(flag.metric, investigation.metrics)
    if kind == "rate":
        said = METRIC_WORDS.get(flag.metric, ("",))[0] or metric_title(flag.metric, investigation.metrics).lower()
        return f"{words.percent(flag.observed.rate)} {said}, {words.percent(flag.expected.rate)} expected"
    write = _writer(flag.metric, finding.ledger.currency, investigation.metrics)
    each_day = f" {_each(flag)}" if kind in ("count", "sum") else ""
    title = metric_title(flag.metric, investigation.metrics)
    return f"{title} {write(flag.observed.rate)}{each_day}, {write(flag.expected.rate)} expected"


def _each(flag: Flag) -> str:
    """How often a value is counted: the days that a flag tells of lie a week apart when the panel is weekly."""
    days = [each.day for each in flag.daily[:2]]
    return "a week" if len(days) == 2 and (days[1] - days[0]).days == 7 else "a day"


def _kind(metric: str, metrics: Mapping[str, MetricInfo]) -> str:
    info = metrics.get(metric)
    return info.kind if info else "rate"


def _level(flag: Flag, kind: str, currency: str, metrics: Mapping[str, MetricInfo]) -> str:
    expected = flag.expected
    if kind == "rate":
        said = METRIC_WORDS.get(flag.metric, ("",))[0]
        seen = f"{words.percent(flag.observed.rate)} {said}" if said else words.percent(flag.observed.rate)
        usual = words.percent_between(expected.rate, expected.low, expected.high)
        prefix = "" if said else f"{metric_title(flag.metric, metrics)} "
        return f"{prefix}{seen}, {usual} expected"
    write = _writer(flag.metric, currency, metrics)
    limits = words.between(write(expected.low), write(expected.high))
    each_day = f" {_each(flag)}" if kind in ("count", "sum") else ""
    title = metric_title(flag.metric, metrics)
    return f"{title} {write(flag.observed.rate)}{each_day}, {write(expected.rate)} ({limits}) expected"


def _writer(metric: str, currency: str, metrics: Mapping[str, MetricInfo]) -> Callable[[float], str]:
    """How one value of a count, mean or sum is written: as money where the metric is counted in money."""
    info = metrics.get(metric)
    unit = info.unit.casefold() if info else ""
    if unit in MONEY_UNITS or (currency and unit == currency.casefold()):
        return lambda value: words.money(Decimal(str(value)), currency) if words.is_known(value) else "not known"
    return words.percent if unit.startswith("share") else words.figure


def _more(flag: Flag, kind: str) -> str:
    how_many_times = words.times(flag.relative_ratio)
    if kind not in ("rate", "count") or not words.is_known(flag.excess_events):
        return how_many_times
    event = METRIC_WORDS.get(flag.metric, ("", "event" if kind == "rate" else "order"))[1]
    side = "more" if flag.excess_events >= 0 else "fewer"
    size = abs(flag.excess_events)
    plural = f"{event}s"
    noun = event if round(size) == 1 else plural
    told = f"{words.number(size)} {side} {noun} than usual"
    return f"{told} · {how_many_times}" if how_many_times else told


def _related(related: RelatedMetric, currency: str, metrics: Mapping[str, MetricInfo]) -> str:
    kind = _kind(related.metric, metrics)
    title = metric_title(related.metric, metrics)
    if kind == "rate":
        seen, usual = words.percent(related.observed_rate), words.percent(related.expected_rate)
    else:
        write = _writer(related.metric, currency, metrics)
        seen, usual = write(related.observed_rate), write(related.expected_rate)
    return f"{title} {seen} instead of {usual}"
