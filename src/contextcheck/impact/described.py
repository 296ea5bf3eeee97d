"""The counterfactual in words and by name: what is compared, what better could not be, how unusual it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contextcheck.impact.placebo import placebo_dates, placebo_rank
from contextcheck.impact.split import percent
from contextcheck.records import Counterfactual, Window

if TYPE_CHECKING:
    import pandas as pd

    from contextcheck.impact.comparison import Comparison
    from contextcheck.impact.effects import Effect
    from contextcheck.impact.split import Split
    from contextcheck.records import Launch

FEW_CONTROLS = 3
MOST_NAMED = 3


def described(
    comparison: Comparison,
    effect: Effect,
    series: pd.DataFrame,
    launch: Launch | None,
    *,
    usable: pd.DataFrame,
    clean: Window | None,
) -> Counterfactual:
    """Give the record of what the figures are compared with.

    Args:
        comparison: Days, controls and method.
        effect: The change of the contribution per day.
        series: The contribution that it was estimated from, day × column.
        launch: The launch, named in the sentence.
        usable: Day × region, True where the day counts.
        clean: Days before without a flag or a launch of the region, for placebo dates.
    """
    regions = placebo_rank(series, comparison) if comparison.method in ("ratio-did", "synthetic-did") else None
    share = effect.value / effect.expected if effect.expected else 0.0
    dates = placebo_dates(series, usable, comparison, clean, share)
    told = [_told(comparison, effect, launch), *comparison.left_out]
    told += [each for each in (_dropped(comparison), _unusual(regions, dates)) if each]
    return Counterfactual(
        method=comparison.method,
        controls=comparison.all_controls if comparison.method != "exposed-split" else (),
        dropped=comparison.dropped,
        before=_span(comparison.before),
        after=_span(comparison.after),
        sentence="; ".join(told),
        not_used=dict(comparison.not_used),
        placebo_regions=regions,
        placebo_dates=dates,
        exposed_share=comparison.split.share if comparison.split and comparison.method == "exposed-split" else None,
    )


def _told(comparison: Comparison, effect: Effect, launch: Launch | None) -> str:
    after = _span(comparison.after)
    is_since = launch is not None and after.start >= launch.start
    what = f"since the launch of {launch.feature}" if launch and is_since else "on the flagged days"
    days = f"{len(comparison.after)} days {what} ({after.start} to {after.end})"
    if comparison.method == "exposed-split" and comparison.split:
        return f"{days}, {_customers(comparison.split)}"
    return f"{days}, {_regions(comparison, effect)}{_why_not_customers(comparison)}"


def _regions(comparison: Comparison, effect: Effect) -> str:
    before = _span(comparison.before)
    past = f"{len(comparison.before)} quiet days from {before.start} to {before.end}"
    names = comparison.all_controls
    if comparison.method == "own-past" or not names:
        return f"against {past} of the same region only; no comparable region was untouched"
    others = f"{', '.join(names[:3])}{f' and {len(names) - 3} more' if len(names) > 3 else ''}"
    how = ", weighted so that they ran alongside before," if comparison.method == "synthetic-did" else ","
    moved = f"which moved by {_percent(effect.movement - 1)} over the same days (taken out)"
    told = f"against {past} and against {others}{how} {moved}"
    if comparison.later:
        until = ", ".join(f"{name} until {day:%Y-%m-%d}" for name, day in comparison.later.items())
        told += f"; the launch comes later to {until}, which count till then"
    if len(names) < FEW_CONTROLS:
        told += f"; {len(names)} of them can hardly show how far regions drift apart by themselves"
    return told


def _dropped(comparison: Comparison) -> str:
    """Which regions do not serve and why, such as "not compared: JP (bar is live there)"; at most three by name."""
    if comparison.method in ("exposed-split", "own-past") or not comparison.dropped:
        return ""
    named = [f"{region} ({reason})" for region, reason in sorted(comparison.dropped.items())]
    rest = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return f"not compared: {', '.join(named[:MOST_NAMED])}{rest}"


def _customers(split: Split) -> str:
    plan = f"{percent(split.share)} planned" if split.is_planned else f"taken for a split of {percent(split.share)}"
    return (
        f"{split.exposed:,} customers who saw it against {split.unexposed:,} of the same region who did not"
        f" ({plan}; numbers like these in {percent(split.p_ratio)} of random splits); with every customer exposed it"
        f" would be about {1 / split.share:.1f} times as much"
    )


def _why_not_customers(comparison: Comparison) -> str:
    """Why exposed customers were not compared, where the orders tell them apart."""
    split = comparison.split
    if split is None or not split.reason or split.exposed + split.unexposed == 0 or split.unexposed == 0:
        return ""
    return f"; not by exposed and unexposed customers: {split.reason}"


def _unusual(regions: tuple[int, int] | None, dates: tuple[int, int] | None) -> str:
    """Such as "an effect this large came up in 3 of 41 placebo dates and in 0 of 7 other regions"."""
    places = []
    if dates:
        places.append(f"on {dates[0]} of {dates[1]} placebo dates")
    if regions and regions[1]:
        places.append(f"in {regions[0]} of {regions[1]} untouched regions")
    return f"an effect this large came up {' and '.join(places)}" if places else ""


def _span(days: pd.DatetimeIndex) -> Window:
    return Window(days[0].date(), days[-1].date())


def _percent(change: float) -> str:
    """A change with its sign, as people write it: "+1.2 %"."""
    return f"{change:+.1%}".replace("%", " %").replace("-", "\N{MINUS SIGN}")
