"""Print the true effect in every simulated example, as quoted in the READMEs.

python examples/truths.py [SEED]
"""

import sys

from contextcheck.simulate.worlds import SCENARIOS, simulate


def main(seed: int) -> None:
    """Make every world and print one line per launched region."""
    for name in SCENARIOS:
        world = simulate(name, seed=seed)
        print(f"{name}: {len(world.orders):,} orders, right answer {world.truth.action}")
        for effect in world.truth.regions.values():
            print(f"  {effect.region} {effect.action}")
            print(f"     cancelled {effect.cancel_rate_without:.1%} -> {effect.cancel_rate:.1%}")
            print(f"     order value {effect.aov_ratio - 1:+.1%} placed, {effect.kept_aov_ratio - 1:+.1%} kept")
            change = f"{effect.change_per_day:+,.0f} USD ({effect.change_ratio - 1:+.1%})"
            print(f"     contribution per day {effect.contribution_per_day_without:,.0f} {change}")
            for cause, share in effect.excess_share.items():
                change = effect.change_by_cause[cause]
                print(f"     {cause}: {share:.0%} of the extra cancels, {change:+,.0f} USD a day")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
