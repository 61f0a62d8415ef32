"""`./run bench`: hubgate beside its floors, case by case; exit status 1 when a goal is missed."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from benchmarks import report
from benchmarks.bench import Bench
from benchmarks.cases import CASES
from benchmarks.cluster import Cluster, NotAvailable
from benchmarks.measure import Result

_REPEATS = 2
_QUICK_ROWS = 5_000
_QUICK_LOOSENED = 1.5


def main(argv: Sequence[str]) -> int:
    """Run the chosen cases; 0 when every goal is met, 1 when one is missed, 2 for a server that is missing."""
    signal.signal(signal.SIGTERM, _interrupt)
    options = _options(argv)
    if options.list:
        for name, case in CASES.items():
            print(f"{name:<8} {(sys.modules[case.__module__].__doc__ or '').splitlines()[0]}")
        return 0
    rows = _QUICK_ROWS if options.quick else options.rows
    runs = 1 if options.quick else options.runs
    results: list[Result] = []
    try:
        with Cluster() as cluster:
            cluster.start_postgres(durable=not options.quick)
            cluster.start_redis()
            about = report.machine(cluster.sql("postgres", "SHOW server_version")[0][0].split()[0])
            bench = Bench(cluster, rows, runs, quick=options.quick)
            for name in options.names or CASES:
                results.append(_run(bench, CASES[name], again=not options.quick))
    except NotAvailable as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    chosen = {"rows": rows, "runs": runs, "quick": options.quick, "cases": options.names or list(CASES)}
    print(report.table(about, chosen, results))
    if options.json:
        report.write_json(options.json, about, chosen, results)
    missed = report.missed(results, counted_only=options.quick, loosened=_QUICK_LOOSENED if options.quick else 1.0)
    for row in missed:
        print(f"MISSED: {row.goal} {row.what}", file=sys.stderr)
    return 1 if missed else 0


def _run(bench: Bench, case: Callable[[Bench], Result], *, again: bool) -> Result:
    """One case; anew, at most twice, while its floors spread too wide."""
    name = case.__module__.rpartition(".")[2]
    for repeated in range(_REPEATS + 1):
        bench.say(f"== {name}")
        began = time.perf_counter()
        result = case(bench)
        result.seconds, result.repeated = time.perf_counter() - began, repeated
        if not again or bench.runs < 2 or not result.unsteady():
            break
        bench.say(f"unsteady floors: {', '.join(result.unsteady())}")
    return result


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="cases, by the names of --list; all without")
    parser.add_argument("--list", action="store_true", help="say what there is")
    parser.add_argument("--rows", type=int, default=100_000, help="access requests on the Hub (100000)")
    parser.add_argument("--runs", type=int, default=5, help="measurements of each figure (5)")
    parser.add_argument(
        "--quick", action="store_true", help="5,000 rows, once; only counts are judged, loosened by half"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep all figures here")
    options = parser.parse_args(argv)
    unknown = [name for name in options.names if name not in CASES]
    if unknown:
        parser.error(f"there is no case {unknown[0]!r}; --list says which there are")
    if options.rows < 2000 or options.runs < 1:
        parser.error("--rows must be at least 2000 and --runs at least 1")
    return options


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
