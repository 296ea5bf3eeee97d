"""The rivals, told: norms, abuse and faults in the same words and by the same measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from contextcheck.report import words
from contextcheck.report.words import clean

if TYPE_CHECKING:
    from contextcheck.records import Evidence, Explained, ExplanationKind, ExplanationResult, Placebo, Verdict

Mark = Literal["yes", "no", "open"]

VERDICT_WORDS: dict[Verdict, str] = {
    "supported": "supported",
    "partly": "partly supported",
    "contradicted": "contradicted",
    "not_testable": "not testable",
    "too_flexible": "too flexible",
}
KIND_WORDS: dict[ExplanationKind, str] = {
    "norm": "local practice",
    "abuse": "abuse",
    "operational": "operational fault",
    "measurement": "measurement fault",
}
ORDER: tuple[Verdict, ...] = ("supported", "partly", "too_flexible", "not_testable", "contradicted")


@dataclass(frozen=True, slots=True)
class SignLine:
    """One sign: held (yes), failed (no) or not tested (open), with its sentence."""

    mark: Mark
    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CauseStory:
    """One candidate cause with what speaks for and against it."""

    id: str
    kind: str
    title: str
    verdict: Verdict
    verdict_words: str
    status_note: str
    share: str
    share_value: float | None
    signs: tuple[SignLine, ...]
    short: str
    local_text: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, str], ...]
    owner: str
    origin: str

    @property
    def holds(self) -> bool:
        return self.verdict in ("supported", "partly")


def cause_stories(results: tuple[ExplanationResult, ...]) -> tuple[CauseStory, ...]:
    """Tell the candidates, those that hold first, larger shares before smaller ones."""

    def place(result: ExplanationResult) -> tuple[int, float]:
        share = result.share_explained
        return ORDER.index(result.verdict), -share.value if share and words.is_known(share.value) else 0.0

    return tuple(_cause_story(each) for each in sorted(results, key=place))


def _cause_story(result: ExplanationResult) -> CauseStory:
    share = result.share_explained
    known = share is not None and words.is_known(share.value)
    holds = result.verdict in ("supported", "partly")
    told_share = f"explains {words.share_between(share)}" if share and known else ""
    if told_share and result.share_reason:
        told_share += f" ({clean(result.share_reason)})"
    if holds and not known:
        told_share = f"share not given: {clean(result.share_reason) or 'no reason given'}"
    caution = (SignLine("open", clean(result.caution)),) if result.caution else ()
    signs = (*_sign_lines(result), *caution, *_placebo_line(result.placebo))
    return CauseStory(
        id=clean(result.id),
        kind=KIND_WORDS[result.kind],
        title=clean(result.title),
        verdict=result.verdict,
        verdict_words=VERDICT_WORDS[result.verdict],
        status_note="" if result.status == "active" else f"{result.status}: does not change a recommendation",
        share=told_share if holds else "",
        share_value=share.value if share and known and holds else None,
        signs=signs,
        short=_short(result),
        local_text=tuple((clean(language), clean(text)) for language, text in sorted(result.text.items())),
        sources=tuple((clean(" ".join((each.title, each.year))), clean(each.url)) for each in result.sources),
        owner=clean(result.owner),
        origin=_origin(result),
    )


def _origin(result: ExplanationResult) -> str:
    """Entry, version, place and keeper, for those who want to look it up."""
    name = clean(result.id) + (f"@{clean(result.version)}" if result.version else "")
    place = f", {clean(str(result.where))}" if result.where else ""
    owner = f", kept by {clean(result.owner)}" if result.owner else ""
    return f"{KIND_WORDS[result.kind]} {name}{place}{owner}"


def _sign_lines(result: ExplanationResult) -> tuple[SignLine, ...]:
    order = {"supports": 0, "contradicts": 1, "not_testable": 2}
    ranked = sorted(result.evidence, key=lambda each: (order[each.result], each.weight != "strong"))
    # The same test may stand under signs and under contradicted_by; its sentence is told once.
    told = {(line.mark, line.text): line for line in map(_sign_line, reversed(ranked))}
    return tuple(reversed(told.values()))


def _sign_line(evidence: Evidence) -> SignLine:
    if evidence.result == "not_testable":
        reason = clean(evidence.reason)
        if not evidence.sentence:
            return SignLine(
                "open", f"{clean(evidence.test).replace('_', ' ')} not tested" + (f": {reason}" if reason else "")
            )
        # A sentence of its own says what was seen and why that leaves the sign open.
        sentence = clean(evidence.sentence)
        return SignLine("open", sentence if not reason or reason in sentence else f"{sentence}: {reason}")
    sentence = clean(evidence.sentence) or clean(evidence.test).replace("_", " ")
    return SignLine("yes" if evidence.result == "supports" else "no", sentence, _detail(evidence))


def _detail(evidence: Evidence) -> str:
    """The statistics behind a sign: effect with interval, n, p."""
    parts = [clean(evidence.test).replace("_", " "), evidence.weight]
    if evidence.effect is not None and words.is_known(evidence.effect.value):
        limits = words.between(words.figure(evidence.effect.low), words.figure(evidence.effect.high))
        unit = f" {clean(evidence.unit)}" if evidence.unit else ""
        parts.append(f"effect {words.figure(evidence.effect.value)}{unit} ({limits})")
    if evidence.n:
        parts.append(f"n {words.number(evidence.n)}")
    if evidence.p_value is not None and words.is_known(evidence.p_value):
        parts.append("p < 0.0001" if evidence.p_value < 0.0001 else f"p = {evidence.p_value:.2g}")
    if evidence.reference:
        parts.append(f"compared with {clean(evidence.reference)}")
    return ", ".join(parts)


def _placebo_line(placebo: Placebo | None) -> tuple[SignLine, ...]:
    if placebo is None:
        return ()
    if placebo.n == 0 or not words.is_known(placebo.rate):
        return (SignLine("open", "no quiet weeks to try it on (placebo not tested)"),)
    fitted = round(placebo.rate * placebo.n)
    tried = f"placebo {words.number(fitted)} of {words.number(placebo.n)}"
    tried += f": {clean(placebo.where)}" if placebo.where else ""
    if placebo.rate <= MOST_PLACEBO:
        return (SignLine("yes", f"would not have explained other weeks ({tried})"),)
    return (SignLine("no", f"would have explained quiet weeks as well ({tried})"),)


MOST_PLACEBO = 0.2
"""Above this share of quiet weeks the line is crossed; the verdict itself is the explain step's."""


def _short(result: ExplanationResult) -> str:
    """Why a candidate does not hold, in one line."""
    if result.verdict == "contradicted":
        against = [each for each in result.evidence if each.result == "contradicts"]
        against.sort(key=lambda each: each.weight != "strong")
        return "; ".join(clean(each.sentence) for each in against[:2])
    if result.verdict == "not_testable":
        reasons = dict.fromkeys(clean(each.reason) for each in result.evidence if each.reason)
        return "; ".join(list(reasons)[:2])
    if result.verdict == "too_flexible":
        return "; ".join(each.text for each in _placebo_line(result.placebo)) or "it would fit any week"
    return ""


def unexplained_sentence(explained: Explained) -> str:
    """What is left over, which stays flagged."""
    rest = explained.unexplained_share
    if rest is None or not words.is_known(rest.value):
        return ""
    if not any(each.verdict in ("supported", "partly") for each in explained.explanations):
        return "All of it is unexplained"
    return f"{words.share_between(rest)} unexplained"
