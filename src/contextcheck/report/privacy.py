"""Account ids become keyed pseudonyms before any format sees them."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from contextcheck.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from contextcheck.records import (
        AccountReview,
        Explained,
        ExplanationResult,
        Finding,
        GateVerdict,
        Investigation,
        RegionVerdict,
        Run,
    )
    from contextcheck.report.interface import ShowOptions

PERSONAL_DIMENSIONS = frozenset({"customer_id", "device_id", "address_id", "payment_id", "order_id", "account"})
"""Segments whose values are ids of people or of what they own."""

SHORTEST_HIDDEN = 4
"""Ids shorter than this are not looked for inside sentences: they could be any number in them."""

FEWEST_DIGITS = 8
MOST_DIGITS = 64
WITHOUT_KEY = Problem(
    "RP110",
    "privacy.pseudonym_key_env",
    "no key is set: pseudonyms hold for this run only, and whoever has both the account ids and this report can "
    "match them; set the environment variable named there to get lasting ones",
    "info",
)


class Pseudonym(str):
    """An account id that is a pseudonym already, read back from findings; it is shown as it is."""

    __slots__ = ()


def shown_investigation(investigation: Investigation, options: ShowOptions) -> Investigation:
    """Give the investigation as it may be shown: account ids as pseudonyms unless the ids were asked for."""
    if options.show_ids:
        return investigation
    name = _namer((each.explained.accounts for each in investigation.findings), investigation.run, options)
    findings = tuple(_shown_finding(each, name) for each in investigation.findings)
    return replace(investigation, findings=findings, problems=_with_note(investigation.problems, name, options))


def shown_verdict(verdict: GateVerdict, options: ShowOptions) -> GateVerdict:
    """Likewise for the verdict of a gate."""
    if options.show_ids:
        return verdict
    name = _namer((each.accounts for each in verdict.regions), verdict.run, options)
    regions = tuple(_shown_region(each, name) for each in verdict.regions)
    return replace(verdict, regions=regions, problems=_with_note(verdict.problems, name, options))


class _Namer:
    """Gives pseudonyms and remembers whether one was made."""

    def __init__(self, key: bytes, accounts: Iterable[str]) -> None:
        self.key = key
        self.was_used = False
        # A longer pseudonym is taken as soon as two accounts would share the short one.
        distinct = {each for each in accounts if not isinstance(each, Pseudonym)}
        self.digits = FEWEST_DIGITS
        while self.digits < MOST_DIGITS and len({self._digest(each) for each in distinct}) < len(distinct):
            self.digits += 4

    def _digest(self, account: str) -> str:
        return hmac.new(self.key, account.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[: self.digits]

    def __call__(self, account: str, prefix: str = "acct") -> str:
        if isinstance(account, Pseudonym) or not account:
            return account
        self.was_used = True
        return Pseudonym(f"{prefix}-{self._digest(account)}")


def _namer(reviews: Iterable[AccountReview], run: Run, options: ShowOptions) -> _Namer:
    key = options.pseudonym_key or f"contextcheck/run/{run.id}"
    return _Namer(key.encode(), [each.account for review in reviews for each in review.review])


def _with_note(problems: tuple[Problem, ...], name: _Namer, options: ShowOptions) -> tuple[Problem, ...]:
    if options.pseudonym_key or not name.was_used or WITHOUT_KEY in problems:
        return problems
    return (*problems, WITHOUT_KEY)


def _shown_finding(finding: Finding, name: _Namer) -> Finding:
    hide = _hider(finding.explained.accounts, name)
    explained: Explained = replace(
        finding.explained,
        explanations=tuple(_shown_explanation(each, hide) for each in finding.explained.explanations),
        accounts=_shown_accounts(finding.explained.accounts, name, hide),
        drivers=tuple(
            replace(each, value=_segment_value(each.dimension, each.value, name)) for each in finding.explained.drivers
        ),
    )
    segment = {key: name(value) if key in PERSONAL_DIMENSIONS else value for key, value in finding.flag.segment.items()}
    return replace(finding, flag=replace(finding.flag, segment=segment), explained=explained)


def _segment_value(dimension: str, value: str, name: _Namer) -> str:
    if dimension not in PERSONAL_DIMENSIONS:
        return value
    kind = dimension.removesuffix("_id")
    return name(value) if kind in ("customer", "account") else name(value, kind)


def _shown_region(verdict: RegionVerdict, name: _Namer) -> RegionVerdict:
    hide = _hider(verdict.accounts, name)
    return replace(
        verdict,
        explanations=tuple(_shown_explanation(each, hide) for each in verdict.explanations),
        accounts=_shown_accounts(verdict.accounts, name, hide),
    )


def _shown_explanation(result: ExplanationResult, hide: Callable[[str], str]) -> ExplanationResult:
    evidence = tuple(replace(each, sentence=hide(each.sentence), reason=hide(each.reason)) for each in result.evidence)
    return replace(result, evidence=evidence)


def _shown_accounts(accounts: AccountReview, name: _Namer, hide: Callable[[str], str]) -> AccountReview:
    """Pseudonyms for the accounts; linked groups are numbered, for a group may be named by a device or an address."""
    groups = list(dict.fromkeys(each.group for each in accounts.review if each.group))
    review = tuple(
        replace(
            each,
            account=name(each.account),
            reasons=tuple(hide(reason) for reason in each.reasons),
            group=f"group {groups.index(each.group) + 1}" if each.group else "",
        )
        for each in accounts.review
    )
    return replace(accounts, review=review)


def _hider(accounts: AccountReview, name: _Namer) -> Callable[[str], str]:
    """Replaces the listed accounts' ids wherever a sentence quotes one."""
    listed = (each.account for each in accounts.review if not isinstance(each.account, Pseudonym))
    raw = sorted((account for account in listed if len(account) >= SHORTEST_HIDDEN), key=len)
    if not raw:
        return lambda text: text
    any_id = re.compile(r"(?<!\w)(?:" + "|".join(re.escape(each) for each in reversed(raw)) + r")(?!\w)")
    return lambda text: any_id.sub(lambda match: str(name(match.group())), text)
