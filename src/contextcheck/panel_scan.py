"""A panel that a team has counted itself: searched like any other, and honest about what needs orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contextcheck.decide.facts import facts_of
from contextcheck.decide.policy import decide
from contextcheck.detect.general_rules import rules_for
from contextcheck.detect.interface import Detected, find_flags
from contextcheck.errors import Problem, SettingsError
from contextcheck.knowledge.overlay import read_knowledge
from contextcheck.load.panel_file import load_panel
from contextcheck.panel.named_days import with_commercial_days
from contextcheck.pipeline import describe_run, silent
from contextcheck.records import AccountReview, Explained, Finding, Investigation, Ledger, MetricInfo, Run

if TYPE_CHECKING:
    from datetime import date

    from contextcheck.detect.general_rules import RuleDirection
    from contextcheck.knowledge.base import KnowledgeBase
    from contextcheck.knowledge.metrics import DetectionRule
    from contextcheck.panel.table import Panel
    from contextcheck.pipeline import Progress
    from contextcheck.settings import Settings

NO_ORDERS = "the input is a panel of sums; explanations, accounts and money need the orders behind it"


@dataclass(frozen=True, slots=True)
class PanelStudy:
    """A panel without orders, searched."""

    settings: Settings
    base: KnowledgeBase
    panel: Panel
    rules: tuple[DetectionRule, ...]
    detected: Detected
    run: Run
    since: date | None = None


def study_panel(
    settings: Settings,
    path: str,
    *,
    direction: RuleDirection | None = None,
    as_of: date | None = None,
    since: date | str | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> PanelStudy:
    """Read a panel that the team has counted itself, and search it.

    Args:
        settings: Launches, the team's rules and names.
        path: The panel file.
        direction: For metrics that no rule names; both when None.
        as_of: Judge nothing after this local day.
        since: Judge nothing before this local day; earlier days are learned from. "newest" is the panel's last day.
        seed: Of detectors that draw numbers.
        progress: Called with a short text at the start of each long step.

    Raises:
        SettingsError: `since` lies after the newest day.
        InputError: The file cannot be read or its numbers cannot be right.
        DefinitionError: A file under regions/ or rules/ is wrong.
    """
    base = read_knowledge(settings)
    loaded = load_panel(settings, path, base.metrics, as_of=as_of, progress=progress)
    panel = with_commercial_days(loaded.panel, base.entries)
    first = _first_judged(panel, since)
    rules = rules_for(panel, base.detection_rules, direction)
    progress(f"looking for departures in {len(panel.regions)} regions")
    detected = find_flags(panel, rules, launches=settings.launches, seed=seed, since=first)
    run = describe_run(settings, base, loaded.inputs, panel, seed)
    return PanelStudy(settings, base, panel, rules, detected, run, first)


def _first_judged(panel: Panel, since: date | str | None) -> date | None:
    """The first day to be judged; None for all."""
    newest: date = panel.daily["day"].max().date()
    if since is None or isinstance(since, str):
        return newest if since else None
    if since > newest:
        message = f"{since} lies after the newest day of the panel, {newest}; give an earlier day, or newest"
        raise SettingsError(Problem("ST136", "--since", message))
    return since


def investigation_of_panel(done: PanelStudy) -> Investigation:
    """Give the flags of a panel; without orders nothing can be explained or priced, and that is said."""
    policy = done.base.policies["default"]
    findings = []
    for flag in done.detected.flags:
        reason = Problem("EX190", flag.id, f"not explained: {NO_ORDERS}", "info")
        explained = Explained((), None, AccountReview(reason=NO_ORDERS), problems=(reason,))
        ledger = Ledger(done.settings.currency, None, None, 0.95, (), None, None, None, None, reason=NO_ORDERS)
        facts = facts_of(
            flag,
            explained,
            ledger,
            region=flag.region,
            launches=done.settings.launches,
            costs=done.settings.costs,
            horizon_days=done.settings.decision.horizon_days,
        )
        findings.append(Finding(flag, explained, ledger, decide(policy, facts, explained)))
    metrics = done.panel.metrics.values()
    return Investigation(
        run=done.run,
        findings=tuple(findings),
        problems=(*done.base.problems, *done.panel.problems, *done.detected.problems),
        regions=done.panel.regions,
        orders=0,
        launches=done.settings.launches,
        metrics={each.id: MetricInfo(each.id, each.title, each.kind, each.unit) for each in metrics},
        unavailable=(),
        region_names={file.region: file.name for file in done.base.region_files.values()},
    )
