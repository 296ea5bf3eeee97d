"""`norms preview`: what a change of the definitions would have changed on flags of the past."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from contextcheck.decide.facts import facts_of
from contextcheck.decide.policy import decide
from contextcheck.errors import Problem, SettingsError
from contextcheck.knowledge.candidates import candidates
from contextcheck.knowledge.overlay import read_knowledge, read_layers
from contextcheck.knowledge.revisions import changed_ids, changed_markets, layers_at
from contextcheck.pipeline import Study, finding_of, silent, study

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from contextcheck.knowledge.base import KnowledgeBase
    from contextcheck.knowledge.entries import Entry, SwitchedOff
    from contextcheck.pipeline import Progress
    from contextcheck.records import Explained, ExplanationResult, Finding, Flag, Investigation, MoneyEstimate
    from contextcheck.settings import Settings

ABSENT = "not a candidate"
NOT_TRIED = "not tried then"
UNTRIED = "to be tested on the orders"


@dataclass(frozen=True, slots=True)
class EntryChange:
    """How one entry's verdict on one flag changes, or its share."""

    id: str
    before: str
    after: str
    share_before: float | None = None
    share_after: float | None = None


@dataclass(frozen=True, slots=True)
class FlagChange:
    """What changes for one flag.

    Attributes:
        entries: Verdicts that change.
        action_before: Recommendation under the committed definitions; empty when the flag is new.
        action_after: Recommendation under those in place; empty when the flag is gone.
        money_before: Contribution per day, when it was measured.
        money_after: Likewise, under the definitions in place.
    """

    flag: str
    region: str
    start: date
    entries: tuple[EntryChange, ...]
    action_before: str
    action_after: str
    money_before: MoneyEstimate | None = None
    money_after: MoneyEstimate | None = None
    currency: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.entries and self.action_before == self.action_after and self.money_before == self.money_after


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change of definitions would change.

    Attributes:
        changed: Ids of the entries that say something else than at the revision.
        markets: Region code to what its file says otherwise of the market: clock, currency, defaults.
        flags_seen: Number of flags compared.
        changes: Flags for which something changes.
        needs_orders: Whether some verdicts can only be told with the orders.
    """

    changed: tuple[str, ...]
    markets: Mapping[str, tuple[str, ...]]
    flags_seen: int
    changes: tuple[FlagChange, ...]
    needs_orders: bool = False


def preview_on_orders(
    settings: Settings,
    revision: str,
    *,
    only: Collection[str] = (),
    as_of: date | None = None,
    seed: int = 0,
    quarantine_folder: Path = Path("quarantine"),
    progress: Progress = silent,
) -> Preview:
    """Explain the flags of some orders twice, under the definitions in place and as they stood at a revision.

    Args:
        settings: Name the orders and the folders.
        revision: A git revision, such as HEAD.
        only: Shown names of files; what stands in others stays as at the revision. Empty for all.
        as_of: The last local day that may be judged.
        seed: Of every draw.
        quarantine_folder: Where rows that cannot be read are written.
        progress: Called at the start of each long step.

    Raises:
        SettingsError: A file is read neither now nor at the revision, or git does not know the revision.
    """
    old, new = _bases(settings, revision, only)
    changed, markets = changed_ids(old.entries, new.entries), changed_markets(old.region_files, new.region_files)
    told = {"as_of": as_of, "seed": seed, "quarantine_folder": quarantine_folder, "progress": progress}
    after = study(settings, base=new, **told)  # type: ignore[arg-type]
    is_counted_alike = old.metrics == new.metrics and old.detection_rules == new.detection_rules and not markets
    before = replace(after, base=old) if is_counted_alike else study(settings, base=old, **told)  # type: ignore[arg-type]
    changes = []
    pairs = _pairs(before, after)
    for number, (old_flag, new_flag) in enumerate(pairs, start=1):
        progress(f"comparing flag {number} of {len(pairs)}")
        changes.append(_compared(before, after, old_flag, new_flag, changed))
    return Preview(tuple(sorted(changed)), markets, len(pairs), tuple(each for each in changes if not each.is_empty))


def preview_on_findings(
    settings: Settings, revision: str, past: Sequence[Investigation], *, only: Collection[str] = ()
) -> Preview:
    """Compare on findings files alone: verdicts that fall away, statuses and rules that change the recommendation.

    A verdict of an entry whose signs changed, that is new, or that rests on a changed default of the market, needs the
    orders; it is said to be open.
    """
    old, new = _bases(settings, revision, only)
    changed, markets = changed_ids(old.entries, new.entries), changed_markets(old.region_files, new.region_files)
    changes = []
    is_open = False
    for investigation, finding in ((each, finding) for each in past for finding in each.findings):
        home = settings.region_names.get(finding.flag.region, finding.flag.region)
        resting = _resting_on(markets.get(home, ()), new.entries)
        changes.append(_on_record(investigation, finding, (old, new), settings, changed | resting))
        is_open |= home in markets or any(each.after == UNTRIED for each in changes[-1].entries)
    shown = tuple(each for each in changes if not each.is_empty)
    return Preview(tuple(sorted(changed)), markets, len(changes), shown, is_open)


def _bases(settings: Settings, revision: str, only: Collection[str]) -> tuple[KnowledgeBase, KnowledgeBase]:
    """The definitions at a revision and those in place, of which perhaps only some files count."""
    with tempfile.TemporaryDirectory(prefix="contextcheck-revision-") as folder:
        old = read_layers(layers_at(settings, revision, Path(folder)))
    new = read_knowledge(settings)
    known = {file.path for base in (old, new) for file in base.files}
    sentence = f"is read by no scan, neither now nor at {revision}; check the path"
    unknown = [Problem("ST125", name, sentence) for name in sorted(set(only) - known)]
    if unknown:
        raise SettingsError(*unknown)
    return old, _with_only(old, new, only)


def _with_only(old: KnowledgeBase, new: KnowledgeBase, only: Collection[str]) -> KnowledgeBase:
    """The old definitions with what stands in some files as it is now.

    What others rest on (a calendar, a metric, a rule) cannot be taken alone: then all of the new ones.
    """
    entries: list[Entry | SwitchedOff] = [*old.entries, *new.entries, *old.switched_off, *new.switched_off]
    files = [file for base in (old, new) for file in base.region_files.values()]
    if not only or not set(only) <= {each.where.path for each in (*entries, *files) if each.where}:
        return new
    ids = {each.id for each in entries if each.where and each.where.path in only}
    codes = {each.region for each in files if each.where.path in only}
    kept = [each for each in old.entries if each.id not in ids]
    others = {code: file for code, file in old.region_files.items() if code not in codes}
    own = {code: file for code, file in new.region_files.items() if code in codes}
    return replace(
        old, entries=(*kept, *(each for each in new.entries if each.id in ids)), region_files={**others, **own}
    )


def _resting_on(names: Collection[str], entries: Iterable[Entry]) -> frozenset[str]:
    """Ids of the entries with a sign about one of the lines that are not the same; of all, for another clock."""
    if not {"timezone", "currency"}.isdisjoint(names):
        return frozenset(entry.id for entry in entries)
    return frozenset(
        entry.id
        for entry in entries
        if any(sign.text("at") in names for sign in (*entry.signs, *entry.contradicted_by) if sign.text("at"))
    )


def _pairs(before: Study, after: Study) -> list[tuple[Flag | None, Flag | None]]:
    """The same incident under both detections: same region and metric, overlapping days."""
    if before.detected is after.detected:
        return [(flag, flag) for flag in after.detected.flags]
    rest = list(before.detected.flags)
    pairs: list[tuple[Flag | None, Flag | None]] = []
    for flag in after.detected.flags:
        same = next(
            (o for o in rest if (o.region, o.metric) == (flag.region, flag.metric) and o.window.overlaps(flag.window)),
            None,
        )
        if same is not None:
            rest.remove(same)
        pairs.append((same, flag))
    return [*pairs, *((flag, None) for flag in rest)]


def _compared(
    before: Study, after: Study, old_flag: Flag | None, new_flag: Flag | None, changed: Collection[str]
) -> FlagChange:
    flag = new_flag or old_flag
    assert flag is not None
    is_untouched = (
        old_flag is new_flag
        and before.base.policies == after.base.policies
        and not _touches(before, after, flag, changed)
    )
    if is_untouched:
        return FlagChange(flag.id, flag.region, flag.window.start, (), "", "")
    old = finding_of(before, old_flag) if old_flag else None
    new = finding_of(after, new_flag) if new_flag else None
    return FlagChange(
        flag.id,
        flag.region,
        flag.window.start,
        _entry_changes(old.explained if old else None, new.explained if new else None),
        old.recommendation.action if old else "",
        new.recommendation.action if new else "",
        old.ledger.contribution_per_day if old else None,
        new.ledger.contribution_per_day if new else None,
        (new or old).ledger.currency,  # type: ignore[union-attr]
    )


def _touches(before: Study, after: Study, flag: Flag, changed: Collection[str]) -> bool:
    """Whether a changed entry is a candidate for a flag, before or after."""
    ids = {entry.id for base in (before.base, after.base) for entry in _candidates(base, flag, after.settings)}
    return bool(ids & set(changed))


def _candidates(base: KnowledgeBase, flag: Flag, settings: Settings, launches: object = None) -> tuple[Entry, ...]:
    moves = {(flag.metric, flag.direction), *((each.metric, each.direction) for each in flag.related)}
    home = settings.region_names.get(flag.region, flag.region)
    return candidates(base, home, moves, flag.window, launches or settings.launches)  # type: ignore[arg-type]


def _entry_changes(old: Explained | None, new: Explained | None) -> tuple[EntryChange, ...]:
    before = {each.id: each for each in old.explanations} if old else {}
    after = {each.id: each for each in new.explanations} if new else {}
    changes = []
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if _standing(was) != _standing(now):
            changes.append(EntryChange(name, _told(was), _told(now), _share(was), _share(now)))
    return tuple(changes)


def _told(result: ExplanationResult | None) -> str:
    return result.verdict.replace("_", " ") if result else ABSENT


def _standing(result: ExplanationResult | None) -> tuple[str, float | None]:
    """Verdict and share in percent, as they are shown."""
    share = _share(result)
    return _told(result), None if share is None else round(share, 2)


def _share(result: ExplanationResult | None) -> float | None:
    return result.share_explained.value if result and result.share_explained else None


def _on_record(
    investigation: Investigation,
    finding: Finding,
    bases: tuple[KnowledgeBase, KnowledgeBase],
    settings: Settings,
    changed: Collection[str],
) -> FlagChange:
    """One recorded flag under the definitions of before and of now."""
    flag, recorded = finding.flag, {each.id: each for each in finding.explained.explanations}
    then, now = (
        {entry.id: entry for entry in _candidates(base, flag, settings, investigation.launches)} for base in bases
    )
    changes: list[EntryChange] = []
    for name in sorted(then.keys() | now.keys()):
        was = recorded.get(name)
        before = _told(was) if was or name not in then else NOT_TRIED
        if was and name in then and name not in now:
            changes.append(EntryChange(name, before, ABSENT, _share(was)))
        elif name in now and name in changed:
            changes.append(EntryChange(name, before, UNTRIED, _share(was)))
    kept = tuple(
        replace(each, status=now[each.id].status) if each.id in now else each
        for each in recorded.values()
        if each.id in now or each.id not in then
    )
    old = _decided(bases[0], finding, finding.explained, investigation, settings)
    new = _decided(bases[1], finding, replace(finding.explained, explanations=kept), investigation, settings)
    money, currency = finding.ledger.contribution_per_day, finding.ledger.currency
    return FlagChange(flag.id, flag.region, flag.window.start, tuple(changes), old, new, money, money, currency)


def _decided(
    base: KnowledgeBase, finding: Finding, explained: Explained, investigation: Investigation, settings: Settings
) -> str:
    """The action that the policy gives for a recorded flag with these explanations."""
    facts = facts_of(
        finding.flag,
        explained,
        finding.ledger,
        region=finding.flag.region,
        launches=investigation.launches,
        costs=settings.costs,
        horizon_days=settings.decision.horizon_days,
    )
    return decide(base.policies["default"], facts, explained).action
