"""What customers said meanwhile, as context: topics and scores that differ from usual; no evidence of anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import stdtr

from contextcheck.explain.resampling import holm
from contextcheck.explain.signs.outcome import MIN_ORDERS, percent
from contextcheck.explain.voices import WITHIN_HOURS, language_words, orders_of_rows
from contextcheck.records import VoiceNote

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contextcheck.explain.slices import Floats, Mask, Slice
    from contextcheck.explain.voices import Voice

MIN_ROWS, MIN_DAYS, MAX_TOPICS, MAX_NOTES = 20, 14, 12, 4
MIN_RATIO, MAX_P_VALUE = 1.5, 0.01
NOUNS = {"contacts": "contacts", "surveys": "survey answers", "disputes": "disputes"}


def voice_notes(slice_: Slice) -> tuple[VoiceNote, ...]:
    """Give the topics that came up more often than usual, and scores that moved, on the flag's days in its market.

    Args:
        slice_: Orders of the flag, with the tables around it.

    Returns:
        Up to four notes; none when there are fewer than 20 rows, or fewer than 14 quiet days.

    Method: rows per order and day, window against past, t test with days as units; Holm over the topics looked at; told
        when p is below 0.01 and the rate at least 1.5 times the usual. Scores: Welch's t of the answers, p below 0.01,
        both periods with 30 answers or more.
    Source: Brown and Warner (1985), Journal of Financial Economics 14; Holm (1979).
    Blind spots: a topic is what an agent or a form ticked; scores are compared with the same market's past only.
    """
    if not slice_.has_past:
        return ()
    notes = [
        note for voice in slice_.scene.voices.values() for note in (*_topics(slice_, voice), *_score(slice_, voice))
    ]
    return tuple(sorted(notes, key=lambda each: (each.p_value, each.source, each.topic))[:MAX_NOTES])


def _rows_here(slice_: Slice, voice: Voice) -> Mask:
    """Rows of this market: by region, else by the customers of the orders read."""
    if voice.has_regions:
        return np.ones(len(voice.frame), dtype=bool)
    return np.asarray(orders_of_rows(slice_, voice, WITHIN_HOURS[voice.name]) >= 0)


def _topics(slice_: Slice, voice: Voice) -> list[VoiceNote]:
    here = _rows_here(slice_, voice)
    days, orders = np.unique(slice_.day, return_counts=True)
    row_day = voice.frame["day"].to_numpy().astype("datetime64[D]")
    first, last = (moment.to_datetime64().astype("datetime64[D]") for moment in (voice.first, voice.last))
    covered = (days >= first) & (days <= last)
    days, orders = days[covered], orders[covered]
    window = (days >= np.datetime64(slice_.scene.window.start)) & (days <= np.datetime64(slice_.scene.window.end))
    if not window.any() or int((~window).sum()) < MIN_DAYS or int(here.sum()) < MIN_ROWS:
        return []
    groups = {"": here}
    if "topic" in voice.frame:
        topics = voice.frame["topic"].astype("category")
        frequent = topics[here].value_counts().index[:MAX_TOPICS]
        groups |= {str(topic): here & np.asarray(topics == topic, dtype=bool) for topic in frequent}
    found = []
    for topic, rows in groups.items():
        rate = _daily(row_day[rows], days) / orders
        found.append((topic, rows, rate[window], rate[~window], _p_more(rate[window], rate[~window])))
    corrected = holm(np.array([each[4] for each in found]))
    inside = np.isin(row_day, days[window])
    return [
        _note(voice, topic, now, usual, float(p_value), rows & inside)
        for (topic, rows, now, usual, _), p_value in zip(found, corrected, strict=True)
        if p_value < MAX_P_VALUE and int((rows & inside).sum()) >= MIN_ROWS and now.mean() >= MIN_RATIO * usual.mean()
    ]


def _daily(row_day: NDArray[np.datetime64], days: NDArray[np.datetime64]) -> Floats:
    place = np.searchsorted(days, row_day)
    fits = (place < len(days)) & (days[np.minimum(place, len(days) - 1)] == row_day)
    return np.bincount(place[fits], minlength=len(days)).astype(np.float64)


def _p_more(now: Floats, usual: Floats) -> float:
    """One-sided t test with days as units; the spread never less than the counts' own."""
    spread = max(float(usual.std(ddof=1)), float(np.sqrt(usual.mean())) * 1e-3)
    error = spread * np.sqrt(1 / len(now) + 1 / len(usual))
    return float(stdtr(len(usual) - 1, -(now.mean() - usual.mean()) / error)) if error > 0 else 1.0


def _note(voice: Voice, topic: str, now: Floats, usual: Floats, p_value: float, rows: Mask) -> VoiceNote:
    n = int(rows.sum())
    ratio = float(now.mean() / usual.mean()) if usual.mean() > 0 else float("inf")
    about = f" about {topic}" if topic else ""
    often = f"{ratio:.1f} times as often as usual" if np.isfinite(ratio) else "which is new here"
    spoken = language_words(voice.frame["language"][rows]) if "language" in voice.frame else "languages not known"
    sentence = f"{n:,} {NOUNS[voice.name]}{about} on these days, {often}; {spoken}"
    return VoiceNote(voice.name, topic, float(now.mean()), float(usual.mean()), n, p_value, sentence)


def _score(slice_: Slice, voice: Voice) -> list[VoiceNote]:
    if "score" not in voice.frame or voice.scale is None:
        return []
    scores, here, day = voice.scores(), _rows_here(slice_, voice), voice.frame["day"]
    scene = slice_.scene
    assert scene.before is not None
    periods = []
    for window in (scene.window, scene.before):
        inside = np.asarray(day.between(pd.Timestamp(window.start), pd.Timestamp(window.end)), dtype=bool)
        periods.append(scores[here & inside & np.isfinite(scores)])
    now, usual = periods
    if min(len(now), len(usual)) < MIN_ORDERS:
        return []
    error = float(np.sqrt(now.var(ddof=1) / len(now) + usual.var(ddof=1) / len(usual)))
    change = float(now.mean() - usual.mean())
    p_value = 2 * float(stdtr(len(now) - 1, -abs(change) / error)) if error > 0 else 1.0
    if p_value >= MAX_P_VALUE:
        return []
    low, high = voice.scale
    way = "higher" if change > 0 else "lower"
    sentence = (
        f"{len(now):,} {NOUNS[voice.name]} score {low + (high - low) * now.mean():.2f} of {high:g}, {way} than the "
        f"usual {low + (high - low) * usual.mean():.2f} of this market ({percent(abs(change))} of the scale)"
    )
    return [VoiceNote(voice.name, "score", float(now.mean()), float(usual.mean()), len(now), p_value, sentence)]
