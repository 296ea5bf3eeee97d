"""Verdicts and money as plain facts that a decision policy can speak of; not known is None."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contextcheck.decide.flips import find_flips
from contextcheck.decide.money_facts import money_facts, rest_facts
from contextcheck.knowledge.policies import FACTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from contextcheck.knowledge.lines import Lines
    from contextcheck.knowledge.policies import FactValue
    from contextcheck.records import (
        Explained,
        ExplanationKind,
        ExplanationResult,
        Flag,
        Launch,
        Ledger,
        Outlook,
        Window,
    )
    from contextcheck.settings import Costs

KINDS: tuple[ExplanationKind, ...] = ("norm", "abuse", "operational", "measurement")
CALM_DAYS_OF_OVER = 7
"""Ordinary days behind a flag before a decision rests on its being over: two or three may be chance."""
_RANK = {"supported": 0, "partly": 1, "not_testable": 2, "too_flexible": 3, "contradicted": 4}


def facts_of(
    flag: Flag | None,
    explained: Explained | None,
    ledger: Ledger,
    *,
    region: str,
    launches: Sequence[Launch],
    costs: Costs,
    horizon_days: int,
    looked_ahead: Outlook | None = None,
    without_accounts: Ledger | None = None,
    lines: Lines | None = None,
    calm_days: int = 0,
    as_of: date | None = None,
) -> dict[str, FactValue]:
    """Give every fact that a policy may use, by its name in `contextcheck.knowledge.policies.FACTS`.

    Args:
        flag: The flag; None for a launched region where nothing departed from what was expected.
        explained: The tested explanations of that flag; None without a flag.
        ledger: The money.
        region: The market.
        launches: Every launch; the one that is live in the region and the window counts.
        costs: Unit costs, for the values at which an assumption would flip the sign.
        horizon_days: Days over which finance looks ahead.
        looked_ahead: What keeping, rolling back and waiting are expected to cost; None when money is not known.
        without_accounts: The money counted without the orders of the listed accounts.
        lines: Free-shipping lines and the like; an assumed one may change the answer.
        calm_days: Days after the flag on which its metric could be judged.
        as_of: The last local day of the data; a launch that has ended by then is no longer there to be rolled back.

    Returns:
        Fact by name; each name of FACTS is there, None when it is not known.
    """
    live = [each for each in launches if each.end is None or as_of is None or each.end >= as_of]
    launch = _launch_of(region, _window(flag, ledger), live)
    facts: dict[str, FactValue] = dict.fromkeys(FACTS)
    facts.update(
        region=region,
        currency=ledger.currency,
        is_flagged=flag is not None,
        metric=flag.metric if flag else None,
        direction=flag.direction if flag else None,
        severity=flag.severity if flag else None,
        is_easing=flag is not None and flag.course == "easing",
        is_over=flag is not None
        and flag.course == "over"
        and calm_days >= CALM_DAYS_OF_OVER
        and _ends_with(flag, ledger),
        is_launched=launch is not None,
        feature=launch.feature if launch else None,
    )
    facts.update(_explanation_facts(explained.explanations if explained else (), region))
    facts.update(_account_facts(explained))
    facts.update(money_facts(ledger, costs, horizon_days, looked_ahead))
    facts.update(rest_facts(ledger, without_accounts, facts, costs, horizon_days))
    facts.update(find_flips(ledger, costs, looked_ahead))
    facts["flip_line"] = _assumed_line(region, facts, lines)
    return facts


def _assumed_line(region: str, facts: Mapping[str, FactValue], lines: Lines | None) -> str | None:
    """The free-shipping line where it is only assumed and a practice rests on it."""
    line = (lines or {}).get("free_shipping_threshold", {}).get(region)
    if line is None or line.status != "assumed" or facts.get("norm_verdict") != "supported":
        return None
    return f"the free-shipping line is not {line.local.amount:,} {line.local.currency} (assumed for {region})"


def _window(flag: Flag | None, ledger: Ledger) -> Window | None:
    if flag is not None:
        return flag.window
    return ledger.counterfactual.after if ledger.counterfactual else None


def _ends_with(flag: Flag, ledger: Ledger) -> bool:
    """Whether no day after the flag is judged."""
    return ledger.counterfactual is None or ledger.counterfactual.after.end <= flag.window.end


def _launch_of(region: str, window: Window | None, launches: Iterable[Launch]) -> Launch | None:
    """The newest launch that is live in the region on a day of the window (any day when there is no window)."""
    live = [
        launch
        for launch in launches
        if region in launch.regions
        and (window is None or (launch.start <= window.end and (launch.end is None or launch.end >= window.start)))
    ]
    return max(live, key=lambda launch: launch.start, default=None)


def _explanation_facts(explanations: Sequence[ExplanationResult], region: str) -> dict[str, FactValue]:
    facts: dict[str, FactValue] = {"leading_kind": _leading_kind(explanations)}
    for kind in KINDS:
        active = [each for each in explanations if each.kind == kind and each.status == "active"]
        best = min(active, key=lambda each: (_RANK[each.verdict], -_share(each)), default=None)
        facts[f"{kind}_verdict"] = best.verdict if best else "none"
        if best is not None:
            facts[f"{kind}_title"] = best.title
            facts[f"{kind}_share"] = best.share_explained.value if best.share_explained else None
            facts[f"{kind}_owner"] = best.owner or None
    norms = [each for each in explanations if each.kind == "norm"]
    idle = [each.title for each in norms if each.status != "active" and each.verdict == "supported"]
    facts["idle_norm_title"] = idle[0] if idle else None
    facts["contradicted_norm_title"] = _contradicted(norms, region, is_excused=facts["norm_verdict"] == "supported")
    return facts


def _contradicted(norms: Iterable[ExplanationResult], region: str, *, is_excused: bool) -> str | None:
    """The region's own practice that the data contradict; none where another practice holds."""
    own = f"/{region}.yaml".casefold()
    found = [
        each.title
        for each in norms
        if each.status == "active"
        and each.verdict == "contradicted"
        and (each.where is None or each.where.path.casefold().endswith(own))
    ]
    return None if is_excused or not found else found[0]


def _share(explanation: ExplanationResult) -> float:
    return explanation.share_explained.value if explanation.share_explained else 0.0


def _leading_kind(explanations: Iterable[ExplanationResult]) -> str:
    """The kind that takes the largest share of the excess; what holds without taking a share of it does not lead."""
    supported = [each for each in explanations if each.verdict == "supported" and each.status == "active"]
    leading = max((each for each in supported if _share(each) > 0), key=_share, default=None)
    return leading.kind if leading else "none"


def _account_facts(explained: Explained | None) -> dict[str, FactValue]:
    if explained is None:
        return {"accounts_to_review": 0.0, "account_decisions": 0.0, "accounts_share": 0.0}
    unexplained = explained.unexplained_share
    return {
        "accounts_to_review": float(len(explained.accounts.review)),
        "account_decisions": float(len({each.group or each.account for each in explained.accounts.review})),
        "accounts_share": explained.accounts.share_of_excess,
        "unexplained_share": unexplained.value if unexplained else None,
    }
