"""How well the rows of testcases/detection/defects_*.toml tell one field defect from another: `python benchmarks/mapping_overlap.py`.

Each defect is run in the cases of its row; then every other row is asked whether it would take that run for a kill of its own defect. A row
that does names what many wrong stations do. Rows that need hours of service are left out.
"""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.virtual.faults.library import FIELD_DEFECTS  # noqa: E402
from fixtures.detection_forks import default_jobs  # noqa: E402
from fixtures.detection_runs import run_cases  # noqa: E402
from fixtures.field_defect_runs import found_in  # noqa: E402
from fixtures.field_defects import Kill, load_kills  # noqa: E402
from harness.record import RunRecord  # noqa: E402


def records(kill: Kill) -> list[RunRecord]:
    """The runs of a defect until its own row is satisfied: the likeliest case, then the others that its row names."""
    found: list[RunRecord] = []
    for cases in filter(None, (kill.cases[:1], kill.cases[1:])):
        done = run_cases(cases, ocpp=kill.version, faults=FIELD_DEFECTS[kill.id].switches, station=kill.station)
        if done.record is None:
            raise SystemExit(f"{kill.id}: no record: {done.output[-500:]}")
        found.append(done.record)
        if found_in(done.record, kill):
            break
    return found


def main() -> int:
    """A line for each row that more than its own defect satisfies, and the sums; exit code 1 for a row that its own defect does not satisfy."""
    made = argparse.ArgumentParser(description=__doc__)
    made.add_argument("--jobs", type=int, default=default_jobs())
    jobs = made.parse_args().jobs
    kills = {name: kill for name, kill in load_kills().items() if not kill.soak_h}
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        runs = dict(zip(kills, pool.map(records, kills.values()), strict=True))
    lost = [name for name, told in runs.items() if not any(found_in(one, kills[name]) for one in told)]
    pairs = wide = 0
    for name, kill in kills.items():
        others = [other for other, told in runs.items() if other != name and any(found_in(one, kill) for one in told)]
        pairs, wide = pairs + len(others), wide + bool(others)
        if others:
            print(f"{name}: {', '.join(others)}")
    print(f"{pairs} pairs in {wide} of {len(kills)} rows")
    print(f"not found in the cases of their own rows: {', '.join(lost) or 'none'}")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
