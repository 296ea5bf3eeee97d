"""Realised share of false alerts at a nominal share, and false alerts when nothing happens."""

from __future__ import annotations

import argparse
from pathlib import Path

from judge import judge
from page_tables import fill
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
    parser.add_argument("--write", type=Path, help="page that holds the table")
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
    lines = ["| nominal share | realised, pooled | mean of worlds | alerts | alerts in a quiet world of 400 days |"]
    lines.append("|---|---|---|---|---|")
    for share, realised in shares.items():
        false, alerts = totals[share]
        lines.append(
            f"| {100 * share:.0f} % | {100 * false / alerts:.1f} % | {100 * sum(realised) / len(realised):.1f} % | "
            f"{alerts} | {quiet[share] / options.seeds:.2f} |"
        )
    table = "\n".join(lines)
    print(table)
    if options.write:
        fill(options.write, "false discoveries", table)


if __name__ == "__main__":
    main()
