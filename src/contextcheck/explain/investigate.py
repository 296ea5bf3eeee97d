"""Flag → candidates tested → verdicts, shares, placebo, drivers and accounts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.errors import Problem
from contextcheck.explain.accounts import review_accounts
from contextcheck.explain.drivers import find_composition, find_drivers
from contextcheck.explain.elsewhere import Elsewhere
from contextcheck.explain.placebo import Tried, is_too_flexible, try_elsewhere, with_other_regions
from contextcheck.explain.reading import read_slices
from contextcheck.explain.scoring import Scored, corrected, score
from contextcheck.explain.slices import Scene
from contextcheck.explain.stories import typical_journeys
from contextcheck.explain.uncertain_dates import weakened, with_cautions
from contextcheck.explain.verdict import Division, divide
from contextcheck.explain.voice_context import voice_notes
from contextcheck.explain.voices import read_voices
from contextcheck.knowledge.dates import days_of, uncertain_days
from contextcheck.panel.reference import choose_reference
from contextcheck.records import AccountReview, Explained, ExplanationResult, Journeys

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from contextcheck.explain.slices import Mask, Slice
    from contextcheck.knowledge.dates import Uncertain
    from contextcheck.knowledge.entries import Entry
    from contextcheck.knowledge.lines import Lines
    from contextcheck.knowledge.metrics import Metric
    from contextcheck.panel.orders import Orders
    from contextcheck.panel.reference import Reference
    from contextcheck.panel.side_tables import SideTable
    from contextcheck.panel.table import Panel
    from contextcheck.records import Direction, Driver, Flag, Launch, VoiceNote

MAX_ROUNDS = 3
MIN_REST_SHARE = 0.10
MIN_REST_EVENTS = 30
ORDER = {"supported": 0, "partly": 1, "too_flexible": 2, "contradicted": 3, "not_testable": 4}


def explain_flag(
    flag: Flag,
    orders: Orders,
    panel: Panel,
    entries: Sequence[Entry],
    *,
    metrics: Mapping[str, Metric],
    lines: Lines,
    launches: Sequence[Launch],
    flags: Sequence[Flag],
    tables: Mapping[str, SideTable] = MappingProxyType({}),
    seed: int = 0,
    is_brief: bool = False,
    story_k: int = 20,
) -> Explained:
    """Give what explains a flag, tested on its orders.

    Args:
        flag: The departure to explain.
        orders: Where the orders are; read once, only the flag's region and days.
        panel: Daily sums of every region.
        entries: Candidates of every kind, judged by the same rules.
        metrics: By id; the flag's and its related ones are used.
        lines: Lines that order values may heap at.
        launches: Every launch of the run.
        flags: Every flag of the run, so that none pollutes the reference.
        tables: Contacts, surveys and disputes by name, as far as there are; only the flag's days are read.
        seed: Of every draw.
        is_brief: Only the explanations: no drivers, no accounts, no journeys.
        story_k: Fewest customers that may share a journey that is told.

    Returns:
        Explanations (best first), the unexplained share, drivers, accounts and problems.
    """
    focal = focal_metric(flag, entries, metrics)
    reference = choose_reference(panel, flag.region, flag.window, flags, launches)
    scene = _scene(flag, metrics[focal], reference, lines, panel, launches, seed)
    scene = replace(scene, columns=orders.columns, voices=read_voices(scene, orders, tables))
    metric_of = {entry.id: _metric_of(entry, flag, metrics, focal) for entry in entries}
    wanted = tuple(dict.fromkeys((focal, *metric_of.values())))
    scenes = {name: replace(scene, metric=metrics[name], direction=_moves(flag)[name]) for name in wanted}
    slices, problems = read_slices(scenes, orders, entries, flag.segment, signs_only=is_brief)
    elsewhere = Elsewhere(scenes, reference, orders, entries, lines)
    entries, unsure = _weakened(scene, entries)
    tested = _Tested(slices, focal, metric_of, _named_days(scene, entries), elsewhere)
    tested.test(entries)
    return with_cautions(_explained(tested, entries, problems, 0 if is_brief else story_k), unsure, scene.window)


def _scene(
    flag: Flag,
    metric: Metric,
    reference: Reference,
    lines: Lines,
    panel: Panel,
    launches: Sequence[Launch],
    seed: int,
) -> Scene:
    """Where and when, without what must be read."""
    return Scene(
        region=flag.region,
        metric=metric,
        direction=_moves(flag)[metric.id],
        window=flag.window,
        before=reference.before,
        before_reason=reference.reason,
        lines={name: by_region[flag.region] for name, by_region in lines.items() if flag.region in by_region},
        panel=panel,
        launches=tuple(launches),
        seed=seed,
    )


def _moves(flag: Flag) -> dict[str, Direction]:
    """Metrics of the incident and which way each moved, the leading one first."""
    moves: dict[str, Direction] = {flag.metric: flag.direction}
    for related in flag.related:
        moves.setdefault(related.metric, related.direction)
    return moves


def focal_metric(flag: Flag, entries: Sequence[Entry], metrics: Mapping[str, Metric]) -> str:
    """Give the metric whose excess is divided: the first rate of the incident that a candidate explains.

    Without one, the first metric of any kind that a candidate explains; without that, the flag's own.
    """
    explained = {(each.metric, each.direction) for entry in entries for each in entry.explains}
    moved = [name for name, direction in _moves(flag).items() if (name, direction) in explained and name in metrics]
    rates = [name for name in moved if metrics[name].kind == "rate"]
    return (*rates, *moved, flag.metric)[0]


def _metric_of(entry: Entry, flag: Flag, metrics: Mapping[str, Metric], focal: str) -> str:
    """The metric an entry is tested on: the focal one when it explains it, else its first of the incident."""
    explained = {(each.metric, each.direction) for each in entry.explains}
    moves = _moves(flag)
    if (focal, moves[focal]) in explained:
        return focal
    return next((name for name, way in moves.items() if (name, way) in explained and name in metrics), focal)


def _named_days(scene: Scene, entries: Sequence[Entry]) -> dict[str, frozenset[date] | None]:
    first = scene.before.start if scene.before else scene.window.start
    return {
        entry.id: None
        if entry.when.kind == "always"
        else days_of(entry.when, scene.region, first, scene.window.end, scene.launches)
        for entry in entries
    }


def _weakened(scene: Scene, entries: Sequence[Entry]) -> tuple[list[Entry], dict[str, Uncertain]]:
    """The entries, weaker where they can hold in the window because of estimated dates, and which those are."""
    found = {
        entry.id: uncertain_days(entry.when, scene.region, scene.window.start, scene.window.end) for entry in entries
    }
    unsure = {name: each for name, each in found.items() if each is not None}
    return [weakened(entry) if entry.id in unsure else entry for entry in entries], unsure


@dataclass
class _Tested:
    """The candidates of one flag while they are tested, round by round."""

    slices: Mapping[str, Slice]
    focal: str
    metric_of: Mapping[str, str]
    named_days: Mapping[str, frozenset[date] | None]
    elsewhere: Elsewhere

    def __post_init__(self) -> None:
        self.scored: dict[str, Scored] = {}
        self.footprints: dict[str, Mask] = {}
        self.placebos: dict[str, Tried] = {}
        self.too_flexible: set[str] = set()

    @property
    def slice(self) -> Slice:
        return self.slices[self.focal]

    def test(self, entries: Sequence[Entry]) -> None:
        """Test all candidates; then test those that failed again on what the supported ones leave over.

        Two causes in one flag blur each other's signs: a ring makes a harmless crowd look as if nothing was kept, and
        the crowd makes the ring look small. So orders in the footprint of a supported explanation are taken out, and
        the others are tested on the rest, as long as a clear excess is left there.
        """
        everything = np.ones(len(self.slice.frame), dtype=bool)
        for each in corrected([score(self._slice_for(entry, everything), entry) for entry in entries]):
            self._keep(each, everything)
        for _ in range(MAX_ROUNDS):
            if not self.footprints or not self._test_on_the_rest(entries):
                return

    def _test_on_the_rest(self, entries: Sequence[Entry]) -> bool:
        """Test the candidates that failed on what is left; take the most specific one that holds there, if any."""
        rest = ~np.logical_or.reduce(list(self.footprints.values()))
        again = [entry for entry in entries if self._may_hold_elsewhere(entry)]
        if not again or not _has_excess(self.slice, rest):
            return False
        results = corrected([score(self._slice_for(entry, rest), entry) for entry in again])
        holding = [each for each in results if each.verdict == "supported" and each.footprint() is not None]
        holding.sort(key=lambda each: (_events(self.slice, each.footprint()), each.entry.id))
        return any(self._keep(each, rest) for each in holding)

    def _may_hold_elsewhere(self, entry: Entry) -> bool:
        is_open = entry.id not in self.footprints and self.scored[entry.id].verdict != "supported"
        return is_open and self.metric_of[entry.id] == self.focal and entry.id not in self.too_flexible

    def _keep(self, scored: Scored, focus: Mask) -> bool:
        """Keep a result; say whether it holds and takes orders of its own."""
        entry = scored.entry
        if scored.verdict in ("supported", "partly"):
            self._check_placebo(entry)
        if entry.id in self.scored and entry.id in self.too_flexible:
            return False
        self.scored[entry.id] = scored
        footprint = scored.footprint()
        if scored.verdict != "supported" or entry.id in self.too_flexible or footprint is None:
            return False
        if not self._is_about_the_same_orders(entry, footprint) or not _events(self.slice, footprint & focus):
            return False
        self.footprints[entry.id] = footprint & focus
        return True

    def _is_about_the_same_orders(self, entry: Entry, footprint: Mask) -> bool:
        """Whether the orders that an entry explains are those of the metric whose excess is divided.

        An entry about changed baskets explains quick cancels when most of its changed baskets are quick cancels; one
        about returns does not.
        """
        if self.metric_of[entry.id] == self.focal:
            return True
        own = footprint & self.slices[self.metric_of[entry.id]].flagged
        return int(own.sum()) >= MIN_REST_EVENTS and 2 * int((own & self.slice.flagged).sum()) >= int(own.sum())

    def _slice_for(self, entry: Entry, focus: Mask) -> Slice:
        days = self.named_days[entry.id]
        return self.slices[self.metric_of[entry.id]].named(days).focused(focus)

    def _check_placebo(self, entry: Entry) -> None:
        if entry.id in self.placebos:
            return
        named = self._slice_for(entry, np.ones(len(self.slice.frame), dtype=bool))
        tried = try_elsewhere(named, entry, self.elsewhere.slices(self.metric_of[entry.id]))
        self.placebos[entry.id] = tried
        if is_too_flexible(tried.placebo):
            self.too_flexible.add(entry.id)


def _events(slice_: Slice, footprint: Mask | None) -> int:
    return int((footprint & slice_.flagged).sum()) if footprint is not None else 0


def _has_excess(slice_: Slice, rest: Mask) -> bool:
    """Whether a clear excess is left among some orders."""
    if not slice_.has_past:
        return False
    resampler = slice_.resampler(7)
    total, left = slice_.excess(resampler), slice_.excess(resampler, rest)
    return left.is_clear and left.value / total.value >= MIN_REST_SHARE and abs(left.value) >= MIN_REST_EVENTS


def _explained(tested: _Tested, entries: Sequence[Entry], problems: Sequence[Problem], story_k: int) -> Explained:
    """Everything about a flag; without drivers, accounts and journeys when `story_k` is 0."""
    division = divide(tested.slice, list(tested.footprints.items()))
    results = [_result(tested, entry, division) for entry in entries]
    sharpness = division.sharpness
    results.sort(key=lambda each: (ORDER[each.verdict], -_share_value(each), -sharpness.get(each.id, 0.0), each.id))
    found = [problem for each in tested.scored.values() for problem in each.problems]
    accounts, drivers, composition = _guarded(tested.slice, found) if story_k else (AccountReview(), (), "")
    voice = _voice(tested.slice, found) if story_k else ()
    journeys = _journeys(tested.slice, accounts, story_k, found) if story_k else Journeys()
    return Explained(
        tuple(results), division.unexplained, accounts, drivers, (*problems, *found), voice, journeys, composition
    )


def _guarded(slice_: Slice, problems: list[Problem]) -> tuple[AccountReview, tuple[Driver, ...], str]:
    """Accounts, drivers and composition; one that fails to run becomes a problem that names it, and the rest stands."""
    where = f"{slice_.scene.region} {slice_.scene.window.start}"
    accounts = AccountReview(reason="the review failed to run, see the problems of this run")
    drivers: tuple[Driver, ...] = ()
    try:
        accounts = review_accounts(slice_)
    except Exception as error:
        problems.append(_failed("EX302", where, "the review of accounts", error))
    try:
        drivers = find_drivers(slice_)
        return accounts, drivers, find_composition(slice_)
    except Exception as error:
        problems.append(_failed("EX303", where, "the search for drivers", error))
    return accounts, drivers, ""


def _journeys(slice_: Slice, accounts: AccountReview, story_k: int, problems: list[Problem]) -> Journeys:
    """Typical journeys; when they cannot be told, a problem says so and the rest stands."""
    try:
        return typical_journeys(slice_, [each.account for each in accounts.review], story_k)
    except Exception as error:
        problems.append(_failed("EX305", f"{slice_.scene.region} {slice_.scene.window.start}", "the journeys", error))
        return Journeys(reason="the journeys failed to be told, see the problems of this run")


def _voice(slice_: Slice, problems: list[Problem]) -> tuple[VoiceNote, ...]:
    try:
        return voice_notes(slice_)
    except Exception as error:
        where = f"{slice_.scene.region} {slice_.scene.window.start}"
        problems.append(replace(_failed("EX304", where, "the look at contacts", error), severity="warning"))
        return ()


def _failed(code: str, where: str, what: str, error: Exception) -> Problem:
    return Problem(code, where, f"{what} failed: {type(error).__name__}: {error}; it is left out, please report this")


def _share_value(result: ExplanationResult) -> float:
    return result.share_explained.value if result.share_explained else 0.0


def _result(tested: _Tested, entry: Entry, division: Division) -> ExplanationResult:
    scored = tested.scored[entry.id]
    tried = tested.placebos.get(entry.id, Tried(None, {}))
    share = division.shares.get(entry.id)
    return ExplanationResult(
        id=entry.id,
        kind=entry.kind,
        title=entry.title,
        status=entry.status,
        verdict="too_flexible" if entry.id in tested.too_flexible else scored.verdict,
        evidence=with_other_regions(scored.evidence, tried.same_days),
        share_explained=share,
        share_reason=_twin_reason(tested, entry, division) if share else _share_reason(tested, entry, scored, division),
        placebo=tried.placebo,
        sources=entry.sources,
        owner=entry.owner,
        version=entry.version,
        ask=entry.ask,
        advice=entry.advice,
        text=entry.text,
        where=entry.where,
    )


def _twin_reason(tested: _Tested, entry: Entry, division: Division) -> str:
    """Which explanations fit the same orders, so that the share could be theirs as well, or is theirs."""
    sharper = [tested.scored[name].entry.title for name in division.sharper.get(entry.id, ())]
    if sharper:
        taken = "”, “".join(sharper)
        return f"what it fits is told more sharply by “{taken}”, which comes first; this is what is left for it"
    names = [tested.scored[name].entry.title for name in division.twins.get(entry.id, ())]
    if not names:
        return ""
    same = "”, “".join(names)
    return f"fits the same orders as “{same}”: the data cannot tell them apart, what both fit is divided evenly"


def _share_reason(tested: _Tested, entry: Entry, scored: Scored, division: Division) -> str:
    if entry.id in tested.too_flexible:
        return "it would have explained quiet weeks as well"
    if scored.verdict != "supported":
        return "only explanations that hold take a share"
    if tested.metric_of[entry.id] != tested.focal:
        focal = tested.slice.scene.metric.title
        return f'shares are counted in "{focal}"; this entry explains other orders of the incident'
    if division.reason:
        return division.reason
    if scored.footprint() is not None:
        return "its signs single out other orders than the flagged ones: no share can be measured"
    return "its signs are about the whole, not about single orders: no share can be measured"
