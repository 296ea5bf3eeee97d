"""Did comparable regions move as well?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtr, stdtrit

from contextcheck.explain.references import days_words, regions_words
from contextcheck.explain.signs.outcome import decided, not_testable, percent
from contextcheck.records import Estimate

if TYPE_CHECKING:
    from contextcheck.explain.signs.interface import SignOutcome
    from contextcheck.explain.slices import Floats, Scene, Slice
    from contextcheck.knowledge.signs import Sign

MIN_REGIONS = 3
MIN_EVENTS = 20.0


@dataclass(frozen=True, slots=True)
class Moves:
    """Log ratios of window to past: this region's and the others' (by name)."""

    own: float
    others: Floats
    names: tuple[str, ...]


class Peers:
    """Say whether comparable regions moved too, or this region alone.

    Method: log of (rate in the window / rate in the past) per region, from the panel; the others' mean with a t
        interval, and this region against the spread of the others (prediction interval). Alone: this region is outside
        (p below 0.025) and the others' mean moved by less than a quarter of it. Together: the others' interval lies
        above half of this region's move, which must itself be clear (p below 0.025, resampling customers): nobody moves
        together with a region that did not move. For "alone", regions that share a live launch with this one are left
        out, because the same cause may act there; for "together" every other region counts, flagged or not.
    Source: placebo spread over untreated units, Abadie, Diamond and Hainmueller (2010), JASA 105.
    Blind spots: nothing finer than the spread of the others can be seen; regions that share a carrier or a payment
        provider are not independent.

    Example:
        >>> import numpy as np
        >>> round(outside_p(Moves(1.0, np.array([0.0, 0.1, -0.1]), ())), 4)
        0.0131
    """

    def test(self, slice_: Slice, sign: Sign) -> SignOutcome:
        """Test the sign; see `SignTest`."""
        scene = slice_.scene
        if scene.before is None:
            return not_testable(sign, scene.before_reason)
        alone = sign.text("expect") == "alone"
        moves = moves_of(scene, _sharing_a_launch(scene) if alone else frozenset())
        if moves is None:
            return not_testable(sign, f"{scene.metric.id} of {scene.region} has no days in both periods")
        if len(moves.others) < MIN_REGIONS:
            reason = f"{len(moves.others)} comparable regions with enough events, {MIN_REGIONS} needed"
            return not_testable(sign, reason, len(moves.others))
        if not alone and not slice_.excess(slice_.resampler(4)).is_clear:
            reason = f"in {scene.region} it did not clearly move, so there is nothing that others could share"
            return not_testable(sign, reason, len(moves.others))
        return _outcome(scene, sign, moves, alone=alone)


def outside_p(moves: Moves) -> float:
    """Two-sided p-value of this region belonging to the others (t, prediction from their spread)."""
    count = len(moves.others)
    spread = max(float(moves.others.std(ddof=1)), 1e-9) * np.sqrt(1 + 1 / count)
    distance = abs(moves.own - float(moves.others.mean())) / spread
    return float(2 * stdtr(count - 1, -distance))


def moves_of(scene: Scene, left_out: frozenset[str]) -> Moves | None:
    """Give every region's move; regions with fewer than 20 events in either period are left out."""
    assert scene.before is not None
    counts = scene.panel.counts(scene.metric.id)
    now, then = counts.between(scene.window), counts.between(scene.before)
    names = np.array(counts.regions, dtype=object)
    own = names == scene.region
    kept = (now.days > 0) & (then.days > 0)
    kept &= ((now.events >= MIN_EVENTS) & (then.events >= MIN_EVENTS)) | own
    is_amount = scene.metric.kind in ("mean", "sum")
    with np.errstate(divide="ignore", invalid="ignore"):
        levels = [(each.value_sum if is_amount else each.events) / each.exposure for each in (now, then)]
        kept &= (levels[0] > 0) & (levels[1] > 0)
        moved = np.log(levels[0] / levels[1])
    if not kept[own].any():
        return None
    others = kept & ~own & np.array([name not in left_out for name in names], dtype=bool)
    return Moves(float(moved[own][0]), moved[others], tuple(map(str, names[others])))


def _sharing_a_launch(scene: Scene) -> frozenset[str]:
    shared = [
        launch.regions
        for launch in scene.launches
        if scene.region in launch.regions
        and launch.start <= scene.window.end
        and (launch.end is None or launch.end >= scene.window.start)
    ]
    return frozenset(region for regions in shared for region in regions)


def _outcome(scene: Scene, sign: Sign, moves: Moves, *, alone: bool) -> SignOutcome:
    assert scene.before is not None
    count, mean = len(moves.others), float(moves.others.mean())
    margin = float(stdtrit(count - 1, 0.975)) * float(moves.others.std(ddof=1)) / np.sqrt(count)
    others = Estimate(mean, mean - margin, mean + margin)
    towards = 1.0 if moves.own >= 0 else -1.0
    low, high = sorted((towards * others.low, towards * others.high))
    size, p_value = abs(moves.own), outside_p(moves)
    is_alone = p_value < 0.025 and towards * mean < size / 4
    is_together = low > size / 2
    holds: bool | None = None
    if is_alone != is_together:
        holds = is_alone if alone else is_together
    elif not alone and high < size / 2:
        holds = False
    p_together = _p_above_half(moves, size, towards)
    sentence = (
        f"in {scene.region} it {_moved(moves.own)} against its past; in {count} other regions it {_moved(mean)} "
        f"({_signed(others.low)} to {_signed(others.high)})"
    )
    return decided(
        sign,
        holds=holds,
        sentence=sentence,
        effect=Estimate(float(np.exp(mean)), float(np.exp(others.low)), float(np.exp(others.high))),
        unit="ratio of the other regions' rate to their past",
        n=count,
        p_value=p_value if alone else p_together,
        unclear="the other regions moved somewhat, neither clearly nor clearly not",
        reference=f"{regions_words(moves.names)}, {days_words(scene.window)} against {days_words(scene.before)}",
    )


def _moved(log_ratio: float) -> str:
    change = float(np.expm1(log_ratio))
    return f"{'rose' if change >= 0 else 'fell'} by {percent(abs(change))}"


def _signed(log_ratio: float) -> str:
    return f"{100 * np.expm1(log_ratio):+.0f} %".replace("-", "\u2212")


def _p_above_half(moves: Moves, size: float, towards: float) -> float:
    count = len(moves.others)
    error = max(float(moves.others.std(ddof=1)), 1e-9) / np.sqrt(count)
    return float(stdtr(count - 1, -(towards * float(moves.others.mean()) - size / 2) / error))
