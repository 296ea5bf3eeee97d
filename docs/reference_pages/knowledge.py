"""Pages from rules/ and regions/: metrics, detection, decisions, signs and entries."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reference_pages import source_facts
from reference_pages.layout import attributes, code, table

if TYPE_CHECKING:
    from contextcheck.knowledge.base import KnowledgeBase
    from contextcheck.knowledge.entries import Entry
    from contextcheck.knowledge.signs import Sign


def shipped_knowledge() -> KnowledgeBase:
    from contextcheck.knowledge.overlay import read_knowledge
    from contextcheck.settings import read_settings

    return read_knowledge(read_settings(None))


def metrics_page(base: KnowledgeBase) -> list[str]:
    intro = "From `rules/metrics/`. A rate counts an event only within its horizon, and judges a day only when all its"
    lines = [
        "# Metrics",
        "",
        intro,
        "orders are older. A metric whose columns are missing is named as not available.",
        "",
    ]
    rows = []
    for each in base.metrics.values():
        values = " or else ".join(code(choice.expression) for choice in each.values)
        counted = f"{code(each.numerator)} of {code(each.denominator)}" if each.kind == "rate" else ""
        counted = counted or (
            code(each.numerator) if each.kind == "count" else f"{values} over {code(each.denominator)}"
        )
        horizon = f"{each.horizon_hours / 24:g} days" if each.horizon_hours >= 48 else f"{each.horizon_hours:g} h"
        when = f"{horizon} after the order" + (f", by {code(each.happens_at)}" if each.happens_at else "")
        rows.append(
            (
                code(each.id),
                each.title,
                each.kind,
                each.unit,
                counted,
                when if each.horizon_hours else "",
                ", ".join(each.uses),
            )
        )
    return lines + table(("Metric", "Title", "Kind", "Unit", "Counted", "Horizon", "Used to"), rows)


def detection_page(base: KnowledgeBase) -> list[str]:
    intro = "From `rules/detection/`. A departure becomes a flag when it passes the detector's tests at the accepted"
    lines = ["# Detection rules", "", intro, "share of false flags, and is large enough by the numbers here.", ""]
    heads = (
        "Rule",
        "Metrics",
        "Direction",
        "Detector",
        "Least exposure",
        "Least excess",
        "Least change",
        "False flags",
        "Medium",
        "High",
    )
    rows = [
        (
            code(rule.id),
            ", ".join(code(each) for each in rule.metrics),
            rule.direction,
            code(rule.detector),
            f"{rule.min_exposure:g}",
            f"{rule.min_excess:g}",
            f"{rule.min_relative:.0%}",
            f"{rule.false_discovery_rate:.0%}",
            f"from {rule.medium_from_relative:.0%}",
            f"from {rule.high_from_relative:.0%}",
        )
        for rule in base.detection_rules
    ]
    explained = [(code(name), text) for name, text in attributes(type(base.detection_rules[0])).items()]
    return [*lines, *table(heads, rows), "## Keys", "", *table(("Key", "Meaning"), explained)]


def decisions_page(base: KnowledgeBase) -> list[str]:
    from contextcheck.knowledge.policies import FACTS, OPERATORS

    lines = [
        "# Decision rules",
        "",
        "From `rules/decisions/`. The first rule whose conditions all hold decides and is named in the",
    ]
    lines += ["report. A fact that is not known never matches; a sentence that names one is left out.", ""]
    for policy in base.policies.values():
        lines += [
            f"## Policy {policy.name}",
            "",
            f"{len(policy.rules)} rules, {len(policy.examples)} examples that a test runs.",
            "",
        ]
        for number, rule in enumerate(policy.rules, start=1):
            when = (
                ", ".join(f"{each.fact} {_comparison(each.operator, each.value)}" for each in rule.when)
                or "nothing else matched"
            )
            lines += [
                f"### {number}. {rule.id}",
                "",
                f"**{rule.action}**, confidence {rule.confidence}, when {when}.",
                "",
            ]
            lines += [f"- because {sentence}" for sentence in rule.because]
            lines += [f"- would change if {sentence}" for sentence in rule.would_change_if]
            lines += [f"- asks: {sentence}" for sentence in rule.ask] + [
                f"- advises: {sentence}" for sentence in rule.advice
            ]
            lines.append("")
    rows = [
        (code(name), spec.kind.replace("_", " "), spec.meaning, ", ".join(spec.choices)) for name, spec in FACTS.items()
    ]
    operators = ", ".join(code(each) for each in OPERATORS)
    return [
        *lines,
        "## Facts",
        "",
        f"Comparisons: {operators}.",
        "",
        *table(("Fact", "Kind", "Meaning", "Choices"), rows),
    ]


def _comparison(operator: str, value: object) -> str:
    if isinstance(value, tuple):
        value = " or ".join(map(str, value))
    elif isinstance(value, bool):
        value = str(value).lower()
    elif isinstance(value, float):
        value = f"{value:g}"
    return f"{operator.replace('_', ' ')} {value}"


def signs_page() -> list[str]:
    from contextcheck.knowledge.signs import GROUPS, SIGN_SPECS

    lines = [
        "# Sign tests",
        "",
        "What an entry may predict under `signs` and `contradicted_by`. Each is tested on the flagged slice.",
        "",
    ]
    for spec in SIGN_SPECS.values():
        rows = [
            (code(name), option.kind, _option_values(option), _default(option), option.meaning)
            for name, option in spec.options.items()
        ]
        lines += [f"## {spec.name}", "", f"{spec.title}.", "", *_sign_text(spec.name), ""]
        lines += table(("Option", "Kind", "Values", "Default", "Meaning"), rows)
    groups = [
        (code(name), ", ".join(code(each) for each in statuses) or _group_words(name))
        for name, statuses in GROUPS.items()
    ]
    return [*lines, "## Orders that a sign may look among", "", *table(("Name", "Statuses"), groups)]


def _group_words(name: str) -> str:
    return "the events of the flagged metric" if name == "flagged" else "every order"


def _option_values(option: Any) -> str:
    if option.kind == "bounds":
        return ", ".join(code(key) for key in option.keys) + (
            " in hours, such as 24h" if option.in_hours else " as shares"
        )
    return ", ".join(code(each) for each in option.choices or option.columns)


def _default(option: Any) -> str:
    if option.is_required:
        return "required"
    return (
        ", ".join(option.default)
        if isinstance(option.default, tuple)
        else ""
        if option.default is None
        else str(option.default)
    )


def _sign_text(name: str) -> list[str]:
    """The docstring of the class that tests a sign, headings set apart."""
    path, _, member = _sign_member(name).partition(":")
    tree = source_facts.tree_of(source_facts.SOURCE.parent / f"{path.replace('.', '/')}.py")
    text = next(
        ast.get_docstring(node) or "" for node in tree.body if isinstance(node, ast.ClassDef) and node.name == member
    )
    sections = _sections(text)
    return [
        line
        for head in ("", "Method", "Source", "Blind spots")
        if sections.get(head)
        for line in _section(head, sections[head])
    ]


def _sign_member(name: str) -> str:
    from contextcheck.explain.signs.interface import SIGN_TESTS

    return SIGN_TESTS[name]


def _section(head: str, text: str) -> list[str]:
    return [f"- {head}: {_plain(text)}" if head else _plain(text), *([] if head else [""])]


def _plain(text: str) -> str:
    return " ".join(text.split()).replace("*", "\\*").replace("<", "&lt;")


def _sections(text: str) -> dict[str, str]:
    """A docstring by heading; the text before the first is under the empty one."""
    heads = ("Args", "Attributes", "Returns", "Raises", "Method", "Source", "Blind spots", "Example")
    found: dict[str, str] = {"": ""}
    head = ""
    for line in text.splitlines():
        name, colon, rest = line.partition(":")
        if colon and name in heads:
            head, line = name, rest
        found[head] = f"{found.get(head, '')}\n{line}"
    return found


def knowledge_page(base: KnowledgeBase) -> list[str]:
    norms = [each for each in base.entries if each.kind == "norm"]
    others = [each for each in base.entries if each.kind != "norm"]
    examples = sum(len(each.examples) >= 2 for each in base.entries)
    lines = [
        "# Knowledge that ships",
        "",
        f"{len(base.region_files)} regions, {len(norms)} norms, {len(others)} patterns and faults; {examples} of",
        f"{len(base.entries)} entries have two or more examples. `contextcheck norms show ID` prints one whole.",
        "",
        "## By status and grade",
        "",
        "Grade of the best source for the mechanism: A law or peer-reviewed, B official or measured, C press or a",
        "shop's own terms, D not published. Only active entries can change a recommendation.",
        "",
        *_counts(base.entries),
        "## Regions",
        "",
        *_regions(base, norms),
    ]
    for kind in ("norm", "abuse", "operational", "measurement"):
        entries = sorted((each for each in base.entries if each.kind == kind), key=lambda each: each.id)
        title = {"norm": "Norms", "abuse": "Abuse patterns", "operational": "Operational faults"}.get(
            kind, "Measurement faults"
        )
        lines += [f"## {title}", "", *_entries(entries)]
    return lines


def _counts(entries: Sequence[Entry]) -> list[str]:
    counted = Counter((each.kind, each.status, each.mechanism_grade or "none") for each in entries)
    return table(("Kind", "Status", "Grade", "Entries"), [(*key, number) for key, number in sorted(counted.items())])


def _regions(base: KnowledgeBase, norms: Sequence[Entry]) -> list[str]:
    def row(region: str) -> tuple[str, ...]:
        file = base.region_files[region]
        here = [each for each in norms if region in each.regions]
        own = sum(each.regions == (region,) for each in here)
        defaults = "; ".join(f"{each.name.replace('_', ' ')} {each.told}" for each in file.defaults.values())
        return (region, file.name, file.timezone, file.currency, str(own), str(len(here) - own), defaults)

    heads = ("Code", "Name", "Zone", "Currency", "Own norms", "From groups", "Defaults")
    return table(heads, [row(region) for region in sorted(base.region_files)])


def _entries(entries: Sequence[Entry]) -> list[str]:
    rows = []
    for each in entries:
        moves = ", ".join(f"{move.metric} {move.direction}" for move in each.explains)
        signs = ", ".join(_sign_words(sign) for sign in each.signs)
        against = ", ".join(_sign_words(sign) for sign in each.contradicted_by)
        regions = "everywhere" if each.regions == ("*",) else " ".join(each.regions)
        rows.append(
            (
                code(each.id),
                each.title,
                regions,
                f"{each.status}, {each.mechanism_grade or 'none'}",
                moves,
                signs,
                against,
            )
        )
    return table(("Id", "Title", "Regions", "Status, grade", "Explains", "Must show", "Speaks against"), rows)


def _sign_words(sign: Sign) -> str:
    expect = sign.options.get("expect")
    if isinstance(expect, Mapping):
        expect = " and ".join(f"{key.replace('_', ' ')} {value:g}" for key, value in expect.items())
    return f"{sign.test} {expect}" + ("" if sign.weight == "strong" else " (weak)")
