"""The money of some days of a region and the recommendation that follows; a feature over all its regions.

Used by the scan and by the gate, so that both weigh in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from contextcheck.decide.facts import facts_of
from contextcheck.decide.flips import with_break_evens
from contextcheck.decide.outlook import outlook
from contextcheck.decide.policy import decide
from contextcheck.impact.ledger import assess
from contextcheck.impact.once import roll_back_cost
from contextcheck.impact.split import judge_split
from contextcheck.impact.stretches import led_by_the_newest_week
from contextcheck.impact.totals import feature_outcome
from contextcheck.knowledge.defaults import costs_in
from contextcheck.panel.arms import read_arms
from contextcheck.panel.reference import choose_reference, was_always_live
from contextcheck.panel.without import panel_without
from contextcheck.records import RegionOutcome, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from contextcheck.impact.split import Split
    from contextcheck.knowledge.entries import RegionFile
    from contextcheck.panel.reference import Reference
    from contextcheck.panel.table import Panel
    from contextcheck.pipeline import Study
    from contextcheck.records import Explained, FeatureOutcome, Finding, Flag, Launch, Ledger, Recommendation
    from contextcheck.settings import Costs


@dataclass(frozen=True, slots=True)
class Weighed:
    """The money of some days of a region, with and without the listed accounts, and what follows from it."""

    reference: Reference
    split: Split | None
    ledger: Ledger
    without_accounts: Ledger | None
    recommendation: Recommendation


def weigh(
    done: Study,
    region: str,
    window: Window,
    launch: Launch | None,
    flag: Flag | None,
    explained: Explained | None,
    *,
    sharing_alpha: int = 1,
) -> Weighed:
    """Give the money of some days of a region and the recommendation that follows.

    Args:
        done: The study.
        region: The region.
        window: The days to weigh.
        launch: The launch behind them; None for days without one.
        flag: The flag that is weighed; None where nothing departed from what was expected.
        explained: Its tested explanations.
        sharing_alpha: Regions that were looked at without a flag pointing at them; they share the chance of a wrong
            roll-back.
    """
    settings, costs = done.settings, region_costs(done, region)
    reference = choose_reference(done.panel, region, window, done.detected.flags, settings.launches)

    listed = [each.account for each in explained.accounts.review] if explained else []
    split = split_of(done, launch, region, window, reference)

    def money_of(panel: Panel, split: Split | None) -> Ledger:
        ledger = assess(
            panel,
            region,
            window,
            reference,
            costs=costs,
            currency=done.loaded.orders.currency,
            lines=done.lines,
            horizon_days=settings.decision.horizon_days,
            seed=done.run.seed,
            launch=launch,
            split=split,
        )
        if flag is not None and flag.course == "worsening":
            ledger = replace(ledger, stretches=led_by_the_newest_week(ledger.stretches))
        return with_break_evens(ledger, costs)

    ledger = money_of(done.panel, split)
    rest = None
    if listed and ledger.contribution_per_day is not None:
        panel = panel_without(done.panel, done.loaded.orders, done.lines, region, listed)
        rest = money_of(panel, split_of(done, launch, region, window, reference, without=listed) if split else None)
    recommendation = _recommended(done, region, ledger, rest, flag, explained, sharing_alpha)
    return Weighed(reference, split, ledger, rest, recommendation)


def split_of(
    done: Study,
    launch: Launch | None,
    region: str,
    window: Window,
    reference: Reference,
    *,
    without: Sequence[str] = (),
) -> Split | None:
    """Give a launched region's exposed and unexposed customers; None where the launch was not live on all days.

    Args:
        done: The study.
        launch: The launch; None for days without one.
        region: The region.
        window: The days to weigh.
        reference: For the quiet days before.
        without: Accounts whose orders are left out.
    """
    if launch is None or window.start < launch.start or (launch.end is not None and launch.end < window.end):
        return None
    # a launch that is planned for later has no days yet
    if region not in done.panel.regions or window.end < window.start:
        return None
    arms = read_arms(done.loaded.orders, done.panel, done.lines, region, window, reference.before, without=without)
    return judge_split(arms, launch.exposed_share)


def _recommended(
    done: Study,
    region: str,
    ledger: Ledger,
    rest: Ledger | None,
    flag: Flag | None,
    explained: Explained | None,
    sharing_alpha: int,
) -> Recommendation:
    settings, costs = done.settings, region_costs(done, region)
    looked_ahead = outlook(
        ledger,
        roll_back_cost=roll_back_cost(ledger.once, costs),
        horizon_days=settings.decision.horizon_days,
        alpha=settings.decision.alpha / sharing_alpha,
        as_of=done.panel.as_of,
    )
    facts = facts_of(
        flag,
        explained,
        ledger,
        region=region,
        launches=[
            each for each in settings.launches if flag is None or not was_always_live(done.panel, each, flag.window)
        ],
        costs=costs,
        horizon_days=settings.decision.horizon_days,
        looked_ahead=looked_ahead,
        without_accounts=rest,
        lines=done.lines,
        calm_days=_calm_days(done.panel, flag),
        as_of=done.panel.as_of,
    )
    return decide(done.base.policies["default"], facts, explained, looked_ahead)


def _calm_days(panel: Panel, flag: Flag | None) -> int:
    """Days behind a flag on which its metric can be judged."""
    if flag is None or flag.metric not in panel.metrics:
        return 0
    rows = panel.series(flag.region, flag.metric)
    behind = rows[[day.date() > flag.window.end for day in rows.index]]
    return int((behind["is_complete"] & behind["is_mature"]).sum())


def feature_outcomes(
    done: Study, findings: Sequence[Finding], progress: Callable[[str], None]
) -> tuple[FeatureOutcome, ...]:
    """Give every launched feature over all its regions since its launch, flagged or not: no region hides another."""
    outcomes: dict[str, list[RegionOutcome]] = {}
    for launch in done.settings.launches:
        if launch.start > done.panel.as_of:
            continue
        for region in (each for each in launch.regions if each in done.panel.regions):
            progress(f"weighing {launch.feature} in {region}")
            outcomes.setdefault(launch.feature, []).append(_region_outcome(done, launch, region, findings))
    currency = done.loaded.orders.currency
    return tuple(feature_outcome(feature, regions, currency) for feature, regions in outcomes.items())


def _region_outcome(done: Study, launch: Launch, region: str, findings: Sequence[Finding]) -> RegionOutcome:
    window = days_since(launch, done.panel.as_of)
    own = [each for each in findings if each.flag.region == region and each.flag.window.overlaps(window)]
    leading = min(own, key=_gravity, default=None)
    flags = tuple(each.flag.id for each in own)
    accounts = len({one.account for each in own for one in each.explained.accounts.review})
    if leading is not None and _span(leading.flag.window) == _span(window):
        # the flag began with the launch: it has been weighed on these very days
        return RegionOutcome(region, leading.ledger, leading.recommendation, flags, accounts)
    flag, explained = (leading.flag, leading.explained) if leading else (None, None)
    sharing = 1 if leading else sum(each in done.panel.regions for each in launch.regions)
    weighed = weigh(done, region, window, launch, flag, explained, sharing_alpha=sharing)
    return RegionOutcome(region, weighed.ledger, weighed.recommendation, flags, accounts)


_SEVERITIES = ("high", "medium", "low")


def _gravity(finding: Finding) -> tuple[bool, int]:
    """What is going on before what is over, the severe before the slight."""
    return not finding.flag.window.is_open, _SEVERITIES.index(finding.flag.severity)


def _span(window: Window) -> tuple[date, date]:
    return window.start, window.end


def home_of(done: Study, region: str) -> str:
    """The region code whose norms apply to a market of the team's own naming."""
    return done.settings.region_names.get(region, region)


def region_file(done: Study, region: str) -> RegionFile | None:
    """What the knowledge base says of a market; None when it has no file."""
    return done.base.region_files.get(home_of(done, region))


def region_costs(done: Study, region: str) -> Costs:
    """Unit costs of one market: the shop's own, else its documented defaults, else the general ones."""
    return costs_in(done.settings, region_file(done, region), done.loaded.orders.currency)


def days_since(launch: Launch, as_of: date) -> Window:
    """The days since a launch, as far as it is live."""
    return Window(launch.start, min(launch.end or as_of, as_of), is_open=launch.end is None)
