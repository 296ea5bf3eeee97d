"""Guardrails: metrics that must not get worse by more than a margin, each judged for this look alone."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from contextcheck.gate.information import information
from contextcheck.gate.sequential import weekdays_of
from contextcheck.records import Guardrail

if TYPE_CHECKING:
    from contextcheck.knowledge.gate_policies import GuardrailRule
    from contextcheck.records import DailyEffect

MIN_DAYS = 7


def judge_guardrail(rule: GuardrailRule, effect: DailyEffect, alpha: float) -> Guardrail:
    """Give whether a guardrail holds.

    Args:
        rule: Metric, bad direction and margin.
        effect: What the launch changed in the metric on each matured day.
        alpha: One-sided level of the bounds.

    Returns:
        holds when the bound in the bad direction lies inside the margin, broken when even the bound in the good
        direction lies beyond it, open otherwise.

    Method: mean effect / usual level, with a normal bound on each side; variance as in `information`.
    Source: Schultzberg, Ankargren, Franberg (2024), non-inferiority of guardrails; no alpha is shared, since a
        guardrail can only hold a pass back.
    Blind spots: one look at a time, so that a broken guardrail may recover; a ratio of small counts is far from normal.
    """
    if len(effect.days) < MIN_DAYS or effect.base_per_day <= 0 or effect.noise <= 0:
        reason = effect.reason if not effect.days else f"{len(effect.days)} matured days, {MIN_DAYS} needed"
        if len(effect.days) >= MIN_DAYS:
            reason = "its usual level is 0 or does not vary"
        return Guardrail(rule.metric, rule.worse, rule.margin, None, None, len(effect.days), "not_measurable", reason)
    counts = np.bincount(weekdays_of(effect.days), minlength=7)
    known = information(len(effect.days), counts, effect.noise, effect.days_before)
    change = float(np.mean(effect.effect)) / effect.base_per_day
    reach = -float(ndtri(alpha)) / sqrt(known) / effect.base_per_day
    sign = 1.0 if rule.worse == "up" else -1.0
    worst, best = sign * change + reach, sign * change - reach
    state = "holds" if worst <= rule.margin else "broken" if best > rule.margin else "open"
    bound = sign * (best if state == "broken" else worst)
    return Guardrail(rule.metric, rule.worse, rule.margin, change, bound, len(effect.days), state)  # type: ignore[arg-type]
