"""Realised share of false alerts at a nominal share, and false alerts when nothing happens."""

from __future__ import annotations

import argparse

from judge import judge
from retail import draw, panel_of
from run_retail import rows_of, rules

from contextcheck.detect.budget import Budget
from contextcheck.detect.evidence import weigh
from contextcheck.detect.select import select
from contextcheck.detect.surveillance import Surveillance
from contextcheck.panel.baseline import baseline_of
from contextcheck.panel.baseline_faults import find_faults
from contextcheck.panel.baseline_grid import build_grid


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--first-seed", type=int, default=101)
    parser.add_argument("--regions", type=int, default=40)
    options = parser.parse_args()
    shares: dict[float, list[float]] = {0.05: [], 0.1: [], 0.2: []}
    totals = {share: [0, 0] for share in shares}
    quiet = dict.fromkeys(shares, 0)
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        for with_incidents in (True, False):
            world = draw(seed, incidents=with_incidents, regions=options.regions)
            grid = build_grid(panel_of(world), ["cancel_rate", "return_rate", "chargeback_rate", "orders"])
            baseline = baseline_of(grid.without(find_faults(grid).is_set_aside))
            scores = Surveillance().score(baseline, launches=(), seed=0)
            for share in shares:
                evidence = weigh(baseline, rules(share), {"surveillance": scores})
                episodes = select(baseline, evidence, Budget(share)).episodes
                at = rows_of(world, baseline)
                result = judge(world, sorted({(at[each.row], each.alarm) for each in episodes}), 1)
                if with_incidents:
                    shares[share].append(result.false_share)
                    totals[share][0] += result.false
                    totals[share][1] += result.alerts
                else:
                    quiet[share] += result.alerts
    for share, realised in shares.items():
        false, alerts = totals[share]
        print(
            f"nominal {share:.2f}: realised share {sum(realised) / len(realised):.3f}, pooled {false / alerts:.3f} "
            f"of {alerts} alerts; {quiet[share] / options.seeds:.2f} alerts per quiet world of 400 days"
        )


if __name__ == "__main__":
    main()
