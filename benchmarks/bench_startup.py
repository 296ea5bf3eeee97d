"""Start-up: `contextcheck --help` beside `python -c "import typer, rich"`, in turn, medians and their ratio.

python benchmarks/bench_startup.py [--runs 15]
"""

import argparse
import statistics
import subprocess
import sys
import time

HELP = [sys.executable, "-m", "contextcheck", "--help"]
IMPORTS = [sys.executable, "-c", "import typer, rich"]


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    seconds(HELP), seconds(IMPORTS)  # warm the file cache
    pairs = [(seconds(HELP), seconds(IMPORTS)) for _ in range(runs)]
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"contextcheck --help      {ours * 1000:6.0f} ms")
    print(f"import typer, rich       {theirs * 1000:6.0f} ms")
    print(f"ratio (median of pairs)  {ratio:6.2f}   goal at most 1.50")


if __name__ == "__main__":
    main()
