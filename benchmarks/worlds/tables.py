"""The records of many worlds as tables in Markdown."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Record = dict[str, Any]
KINDS = ("norm", "abuse", "operational", "measurement", "none")


def by_archetype(records: list[Record]) -> dict[str, list[Record]]:
    groups: dict[str, list[Record]] = collections.defaultdict(list)
    for each in records:
        groups[each["archetype"]].append(each)
    return groups


def share(records: Iterable[Record], holds: Callable[[Record], bool]) -> str:
    found = [bool(holds(each)) for each in records]
    return f"{sum(found)} of {len(found)} ({100 * float(np.mean(found)):.1f} %)" if found else "–"


# ── explanations ───────────────────────────────────────────────────────────────────────────────────────


def cause_is_right(record: Record) -> bool:
    """The top verdict is of a true kind and names a true cause; abuse inside a crowd must be named beside the crowd.

    Where the true kind may be "none" (nothing behaves otherwise), no flag and no supported explanation are right.
    """
    kinds, top = record["kinds"], record["top"]
    if top == "none":
        return "none" in kinds
    if "abuse" in kinds and "abuse" not in record["supported"]:
        return False
    return top in kinds and (top == "none" or bool(record["named"]))


def is_called_harmless(record: Record) -> bool:
    """There is abuse, a norm holds, no abuse does, and the advice is to keep."""
    return "abuse" in record["kinds"] and "abuse" not in record["supported"] and record["action"] == "keep"


def is_called_abuse(record: Record) -> bool:
    """There is no abuse, and abuse holds, or accounts are to be acted on."""
    return "abuse" not in record["kinds"] and ("abuse" in record["supported"] or record["action"] == "act-on-accounts")


def explain_tables(records: list[Record]) -> str:
    lines = [
        "| true cause | top verdict: norm | abuse | operational | measurement | nothing holds | not flagged | right "
        "| share error, median (90 %) |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, group in by_archetype(records).items():
        counts = collections.Counter(each["top"] if each["is_flagged"] else "not flagged" for each in group)
        cells = [str(counts.get(kind, 0) or "") for kind in (*KINDS, "not flagged")]
        lines.append(
            f"| {name} | {' | '.join(cells)} | {sum(map(cause_is_right, group))} of {len(group)} | {_errors(group)} |"
        )
    abusive = [each for each in records if "abuse" in each["kinds"]]
    harmless = [each for each in records if "abuse" not in each["kinds"]]
    lines += [
        "",
        f"- Top verdict right: {share(records, cause_is_right)}; goal at least 95 %.",
        f"- Of those that were flagged, or had nothing to flag: "
        f"{share([each for each in records if each['is_flagged'] or 'none' in each['kinds']], cause_is_right)}.",
        f"- Abuse called harmless (kept, with no abuse found): {share(abusive, is_called_harmless)}; goal at most 1 %.",
        f"- Harmless called abuse: {share(harmless, is_called_abuse)}; goal at most 2 %.",
        f"- Share of the excess, all explained causes: absolute error {_errors(records)}.",
        f"- Flags where nothing happens: {sum(len(each.get('elsewhere', ())) for each in records)} in "
        f"{len({(each['archetype'], each['seed']) for each in records})} worlds.",
        "",
        _account_table(records),
    ]
    return "\n".join(lines) + "\n"


def _errors(records: list[Record]) -> str:
    errors = [abs(said - true) for each in records for said, true in each["shares"].values()]
    return f"{np.median(errors):.2f} ({np.quantile(errors, 0.9):.2f})" if errors else "–"


def _account_table(records: list[Record]) -> str:
    lines = [
        "| abusive accounts | worlds | listed | precision | recall |",
        "|---|---|---|---|---|",
    ]
    for name, group in by_archetype(records).items():
        if not any(each["true_accounts"] for each in group):
            continue
        caught, listed, true = (sum(each[key] for each in group) for key in ("caught", "listed", "true_accounts"))
        precision = f"{caught / listed:.2f}" if listed else "–"
        lines.append(f"| {name} | {len(group)} | {listed} of {true} | {precision} | {caught / true:.2f} |")
    traced = [each for each in records if each["true_accounts"] and each["traceable"]]
    caught, listed, true = (sum(each[key] for each in traced) for key in ("caught", "listed", "true_accounts"))
    if true:
        lines.append(
            f"| **all that share anything** | {len(traced)} | {listed} of {true} | {caught / max(listed, 1):.2f} "
            f"| {caught / true:.2f} |"
        )
    wrong = sum(each["wrong_accounts"] for each in records if not each["true_accounts"])
    return "\n".join([*lines, "", f"Accounts listed in markets without abuse: {wrong}."])


# ── money ──────────────────────────────────────────────────────────────────────────────────────────────


def wrong_roll_back(record: Record) -> bool:
    return record["action"] == "roll-back" and "roll-back" not in record["right"]


def missed_roll_back(record: Record) -> bool:
    return record["action"] != "roll-back" and record["right"] == ["roll-back"]


def is_covered(record: Record) -> bool:
    low, _, high = record["interval"]
    return bool(low <= record["true_per_day"] <= high)


def money_tables(records: list[Record]) -> str:
    lines = [
        "| world | right actions | recommended | right | interval holds the truth | lost per decision, USD |",
        "|---|---|---|---|---|---|",
    ]
    for name, group in by_archetype(records).items():
        rights = collections.Counter("/".join(each["right"]) for each in group)
        said = collections.Counter(each["action"] for each in group)
        covered = [each for each in group if each["interval"]]
        lines.append(
            f"| {name} | {counted(rights)} | {counted(said)} | {sum(each['is_right'] for each in group)} of "
            f"{len(group)} | {share(covered, is_covered)} | {np.mean([each['lost'] for each in group]):,.0f} |"
        )
    deserved = [each for each in records if each["right"] == ["roll-back"]]
    others = [each for each in records if "roll-back" not in each["right"]]
    measured = [each for each in records if each["interval"]]
    lines += [
        "",
        f"- Right recommendation: {share(records, lambda each: each['is_right'])}; goal at least 92 %.",
        f"- Wrong roll-backs, where a roll-back is not right: {share(others, wrong_roll_back)}; goal at most 3 %.",
        f"- Missed roll-backs, where only a roll-back is right: {share(deserved, missed_roll_back)}; goal at most 5 %.",
        f"- Interval of the contribution (90 %) holds the truth: {share(measured, is_covered)}; goal 87 to 93 %.",
        "",
        _baseline_table([each for each in records if each["launched"]]),
    ]
    return "\n".join(lines) + "\n"


def counted(counter: collections.Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counter.most_common()) or "–"


def _baseline_table(launched: list[Record]) -> str:
    """Launched markets only: the baselines know nothing but keep and roll back."""
    if not launched:
        return ""
    lines = [
        "| launched markets: decided by | right | wrong roll-backs | missed roll-backs | lost per decision, USD |",
        "|---|---|---|---|---|",
    ]

    def row(name: str, said: list[tuple[Record, str, bool, float]]) -> str:
        wrong = sum(action == "roll-back" and "roll-back" not in each["right"] for each, action, _, _ in said)
        missed = sum(action != "roll-back" and each["right"] == ["roll-back"] for each, action, _, _ in said)
        right = sum(is_right for _, _, is_right, _ in said)
        return f"| {name} | {right} of {len(said)} | {wrong} | {missed} | {np.mean([each[3] for each in said]):,.0f} |"

    lines.append(row("contextcheck", [(each, each["action"], each["is_right"], each["lost"]) for each in launched]))
    for name in launched[0]["baselines"]:
        answers = [(each, each["baselines"][name]) for each in launched]
        lines.append(row(name, [(each, a["action"], a["is_right"], a["lost"]) for each, a in answers]))
    return "\n".join(lines)


# ── what is not right ──────────────────────────────────────────────────────────────────────────────────


def failures(records: list[Record]) -> str:
    """Every answer that is not right, with what was said and what is true, for those who mend it."""
    lines = []
    for each in records:
        wrong = [
            name
            for name, holds in (
                ("CAUSE", not cause_is_right(each)),
                ("ACTION", not each["is_right"]),
                ("INTERVAL", bool(each["interval"]) and not is_covered(each)),
                ("ACCOUNTS", each["wrong_accounts"] > 0),
                ("ELSEWHERE", bool(each.get("elsewhere"))),
            )
            if holds
        ]
        if not wrong:
            continue
        interval = " ".join(f"{value:,.0f}" for value in each["interval"]) if each["interval"] else "none"
        lines.append(
            f"{each['archetype']} {each['seed']} {each['region']}: {' '.join(wrong)}\n"
            f"  said {each['action']} ({each['rule']}), right {'/'.join(each['right'])}; per day true "
            f"{each.get('true_per_day', float('nan')):,.0f}, interval {interval} ({each['method']}); "
            f"stakes: feature {each['feature']:,.0f} abuse {each['abuse']:,.0f} fault {each['fault']:,.0f}, "
            f"roll-back {each['roll_back']:,.0f}\n"
            f"  held {each['held']} partly {each['partly']} true {each['kinds']} unexplained {each['unexplained']}\n"
            f"  accounts {each['caught']} right + {each['wrong_accounts']} wrong of {each['true_accounts']}"
            f" {each['no_accounts']}\n"
            f"  flags {each['flags']} elsewhere {each.get('elsewhere', [])}"
        )
    return "\n".join(lines) + "\n"
