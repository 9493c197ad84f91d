"""How long the reports of a run take to build, and how much memory: of a stored run, or of one that is made up as large as is asked for.

    python benchmarks/report_build.py --run runs/latest
    python benchmarks/report_build.py --cases 10000 --frames 1000000

Every result file is built, the PDF as well, in this process, from the record and the trace read line by line. Exits with 1 when a stored run
takes over 5 s of CPU or 300 MB, or its page is over 5 MB.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from harness.record import CaseRecord, Check, RunInfo, RunRecord, Step, finish, from_json
from harness.verdict import Result, Verdict
from reports.build import build_all, write_pdf

MOST_S, MOST_MB, MOST_PAGE_MB = 5.0, 300.0, 5.0
STATION = "LARGE-1"


def made_up(cases: int, frames: int) -> tuple[RunRecord, Iterator[dict]]:
    """A record of so many cases, every tenth of which fails, and the lines of its trace, made while they are read."""
    each = frames // cases
    info = RunInfo("large", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "0", "simulated", {"vendor": "V"}, {}, {})
    found = []
    for number in range(cases):
        first, verdict = number * (each + 2), Verdict.FAIL if number % 10 == 0 else Verdict.PASS
        check = Check("status is Accepted", "status is Rejected", verdict, [first + 2])
        step = Step(1, "test", "the station accepts", verdict, float(number), number + 1.0, checks=[check])
        result = Result.FAIL if verdict is Verdict.FAIL else Result.PASS
        found.append(
            CaseRecord(
                f"TC_{number:05d}_CS", "A case of many", "1.6", STATION, 1, result, verdict, started=float(number), ended=number + 1.0,
                steps=[step], first_event=first, last_event=first + each + 1,
            )
        )  # fmt: skip
    return finish(RunRecord(info, found, [])), lines_of(found, each)


def lines_of(cases: list[CaseRecord], each: int) -> Iterator[dict]:
    """A case, its frames (requests and their answers), its end; each line as it is decoded from a file."""
    for case in cases:
        key = f"{case.id}/{STATION}/1.6/1"
        common = {"case": key, "utc": "2026-01-01T00:00:00Z"}
        yield {"seq": case.first_event, "t": case.started, "kind": "case", "id": case.id, **common}
        for number in range(each):
            seq, asked = case.first_event + 1 + number, number % 2 == 0
            value = {
                "connectorId": 1,
                "meterValue": [{"timestamp": "2026-01-01T00:00:00Z", "sampledValue": [{"value": str(seq)}]}],
            }
            raw = [2, str(seq), "MeterValues", value] if asked else [3, str(seq - 1), {}]
            line = {
                "seq": seq, "t": case.started + number / each, "kind": "frame", "connection": 1, "station": STATION, "ocpp": "1.6",
                "direction": "in" if asked else "out", "frame": "call" if asked else "result", "action": "MeterValues", "raw": json.dumps(raw),
                **common,
            }  # fmt: skip
            yield line
        yield {"seq": case.last_event, "t": case.ended, "kind": "case_end", "id": case.id, **common}


def stored(folder: Path) -> tuple[RunRecord, Iterator[dict]]:
    """The record of a run, and its trace line by line."""

    def lines() -> Iterator[dict]:
        with (folder / "trace.jsonl").open("rb") as file:
            yield from (msgspec.json.decode(line) for line in file)

    return from_json((folder / "record.json").read_bytes()), lines()


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--run", type=Path, help="folder of a stored run")
    asked.add_argument("--cases", type=int, default=10_000)
    asked.add_argument("--frames", type=int, default=1_000_000)
    given = asked.parse_args()
    record, lines = stored(given.run) if given.run else made_up(given.cases, given.frames)
    began, cpu = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        files = [*build_all(Path(folder), record, lines), write_pdf(Path(folder), record, "A4")]
        sizes = {path.name: path.stat().st_size / 1e6 for path in files}
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(record.cases)} cases: {cpu:.1f} s of CPU, {took:.1f} s in all, peak {peak:.0f} MB, load average {os.getloadavg()[0]:.1f}"
    )
    print(", ".join(f"{name} {size:.2f} MB" for name, size in sizes.items()))
    missed = bool(given.run) and (cpu > MOST_S or peak > MOST_MB or sizes["report.html"] > MOST_PAGE_MB)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
