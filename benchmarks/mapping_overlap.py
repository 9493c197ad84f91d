"""How well the rows of testcases/detection/defects_*.toml tell one field defect from another: `python benchmarks/mapping_overlap.py`.

Each defect is run in the cases of its row; then every other row is asked whether it would take that run for a kill of its own defect. A row
that does names what many wrong stations do. Rows that need hours of service are left out. A line on standard error tells of each defect that
was run; after `--minutes` no other run is begun, and what was not run is told. Exit code 0: every row finds its own defect. 1: one does not, or was not run.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.virtual.faults.library import FIELD_DEFECTS  # noqa: E402
from fixtures.detection_forks import default_jobs  # noqa: E402
from fixtures.detection_runs import run_cases  # noqa: E402
from fixtures.field_defect_runs import found_in  # noqa: E402
from fixtures.field_defects import Kill, load_kills  # noqa: E402
from harness.record import RunRecord  # noqa: E402
from reports.terminal import remaining_s  # noqa: E402
from reports.text import duration  # noqa: E402


@dataclass(frozen=True, slots=True)
class Told:
    """The runs of a defect in the cases of its row, and what kept one from leaving a record."""

    records: list[RunRecord] = field(default_factory=list)
    trouble: str = ""


def runs_of(kill: Kill, until: float) -> Told:
    """The runs of a defect until its own row is satisfied: the likeliest case, then the others that its row names. None is begun after `until`."""
    told: list[RunRecord] = []
    for cases in filter(None, (kill.cases[:1], kill.cases[1:])):
        if time.monotonic() > until:
            return Told(told, "there was no time left")
        done = run_cases(cases, ocpp=kill.version, faults=FIELD_DEFECTS[kill.id].switches, station=kill.station)
        if done.record is None:
            return Told(told, f"no record: {done.output[-300:]}")
        told.append(done.record)
        if found_in(done.record, kill):
            break
    return Told(told)


def run_all(kills: Mapping[str, Kill], jobs: int, minutes: float) -> dict[str, Told]:
    """Every defect, `jobs` at a time, with a line of progress for each."""
    started = time.monotonic()
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        pending: dict[Future[Told], str] = {
            pool.submit(runs_of, kill, started + 60.0 * minutes): name for name, kill in kills.items()
        }
        told: dict[str, Told] = {}
        for future in as_completed(pending):
            told[pending[future]] = future.result()
            elapsed_s = time.monotonic() - started
            left = remaining_s(len(told), len(kills), elapsed_s)
            line = f"[{len(told):>3}/{len(kills)}] {pending[future]}  elapsed {duration(elapsed_s)}"
            print(f"{line}, about {duration(left)} left" if left else line, file=sys.stderr, flush=True)
    return {name: told[name] for name in kills}


def overlaps(kills: Mapping[str, Kill], told: Mapping[str, Told]) -> Iterator[tuple[str, list[str]]]:
    """Each row that takes the runs of other defects for a kill of its own, with those."""
    for name, kill in kills.items():
        others = [other for other in kills if other != name and _takes(kill, told[other])]
        if others:
            yield name, others


def _takes(kill: Kill, told: Told) -> bool:
    return any(found_in(record, kill) for record in told.records)


def main() -> int:
    """A line for each row that more than its own defect satisfies, and the sums."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--jobs", type=int, default=default_jobs(), metavar="N", help="runs at the same time")
    made.add_argument("--minutes", type=float, default=30.0, metavar="M", help="no run is begun after so long (30)")
    arguments = made.parse_args()
    kills = {name: kill for name, kill in load_kills().items() if not kill.soak_h}
    told = run_all(kills, arguments.jobs, arguments.minutes)
    wide = dict(overlaps(kills, told))
    for name, others in wide.items():
        print(f"{name}: {', '.join(others)}")
    print(f"{sum(map(len, wide.values()))} pairs in {len(wide)} of {len(kills)} rows")
    for name, one in told.items():
        if one.trouble:
            print(f"not run, or not to its end: {name}: {one.trouble}")
    lost = [name for name, one in told.items() if not one.trouble and not _takes(kills[name], one)]
    print(f"not found in the cases of their own rows: {', '.join(lost) or 'none'}")
    return 1 if lost or any(one.trouble for one in told.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
