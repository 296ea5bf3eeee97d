"""The accepted share of false flags is kept: worlds with many incidents of known place, and worlds with none."""

from __future__ import annotations

import numpy as np
from unit.detect.simulated import Shop, day, rule

from contextcheck.detect.interface import find_flags
from contextcheck.records import Flag

METRICS = ("cancel_rate", "modify_rate")
NOMINAL = 0.1


def world(seed: int) -> Shop:
    """24 markets of 15 to 15,000 orders a day; in each series an incident in about every second one."""
    rng = np.random.default_rng(seed)
    sizes = np.exp(rng.uniform(np.log(15), np.log(15_000), 24))
    shop = Shop({f"R{i:02d}": float(size) for i, size in enumerate(sizes)}, {"cancel_rate": 0.06, "modify_rate": 0.03})
    shop.days = 150
    for region in shop.orders:
        for metric in METRICS:
            if rng.random() < 0.5:
                start, length = int(rng.integers(45, 140)), int(rng.integers(1, 20))
                usual = shop.rates[metric]
                change = (start, min(start + length, 149), usual * float(rng.uniform(1.2, 2.5)))
                shop.changes[region, metric] = [change]
    return shop


def is_false(shop: Shop, flag: Flag) -> bool:
    for metric in METRICS:
        for first, last, _ in shop.changes.get((flag.region, metric), []):
            if flag.window.start <= day(last + 3) and flag.window.end >= day(first):
                return False
    return True


def test_of_the_flags_at_a_nominal_tenth_at_most_twelve_in_a_hundred_are_false() -> None:
    # without materiality: the statistics alone must hold
    rules = [rule(m, min_excess=0.0, min_relative=0.0, min_exposure=1.0, false_discovery_rate=NOMINAL) for m in METRICS]
    flags = false = 0
    for seed in range(12):
        shop = world(seed)
        found = find_flags(shop.panel(seed), rules).flags
        flags += len(found)
        false += sum(is_false(shop, flag) for flag in found)
    assert flags > 120
    assert false / flags <= 0.12


def test_where_nothing_happens_a_false_flag_is_rare() -> None:
    rules = [rule(m, false_discovery_rate=NOMINAL) for m in METRICS]
    flagged = 0
    for seed in range(12):
        shop = world(seed)
        shop.changes = {}
        flagged += bool(find_flags(shop.panel(1000 + seed), rules).flags)
    # 12 worlds at one in ten: three or fewer with a chance of 97 %
    assert flagged <= 3
