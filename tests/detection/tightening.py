"""What a stored run holds for rules that are stricter than a document by one clause, and how such rules are tried on a usual and an unusual station."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec

from fixtures.detection_forks import default_jobs
from fixtures.detection_runs import run_cases
from fixtures.detection_stations import DEFAULT
from harness.oracle.expectations import Expectation
from harness.oracle.invariants import Invariants
from harness.oracle.invariants.moments import seconds_of
from harness.oracle.judge import judge
from harness.trace.events import Closed, Expected, Stimulus
from harness.trace.jsonl import read
from harness.trace.trace import Trace


@dataclass
class Said:
    """One message. Of an answer `request` is what was asked, and `asked_at` when; `known`: the run's UTC when it came."""

    t: float
    known: str
    connection: int
    of_station: bool
    kind: str
    action: str
    payload: Any
    case: str = ""
    error: str = ""
    request: dict = field(default_factory=dict)
    asked_at: float = 0.0

    @property
    def status(self):
        return self.payload.get("status")


@dataclass
class Seen:
    """A run: its trace, and the messages in it."""

    trace: Any
    said: list[Said]

    def of(self, action: str, *, by: str = "station", kind: str = "call") -> list[Said]:
        return [one for one in self.said if (one.action, one.kind, one.of_station) == (action, kind, by == "station")]

    def answers(self, action: str) -> list[Said]:
        return self.of(action, kind="result")

    def refusals(self, action: str) -> list[Said]:
        return self.of(action, kind="error")

    def accepted_boots(self) -> list[Said]:
        return [one for one in self.of("BootNotification", by="csms", kind="result") if one.status == "Accepted"]

    def resets(self, kind: str) -> list[Said]:
        return [one for one in self.answers("Reset") if one.request["type"] == kind and one.status == "Accepted"]

    def stimuli(self, role: str, verb: str) -> list[Any]:
        """Records of what the bench did."""
        found = [one for one in self.trace.records if isinstance(one.event, Stimulus) and one.event.phase == "done"]
        return [one for one in found if (one.event.role, one.event.verb) == (role, verb)]

    def cuts(self) -> list[float]:
        """When the supply was taken away."""
        return [one.t for one in self.stimuli("ac_source", "output") if one.event.args["on"] is False]

    def left(self) -> Iterator[tuple[float, list[Said]]]:
        """Connections that the station ended: when, and what was said on them."""
        for one in self.trace.records:
            if isinstance(one.event, Closed) and one.event.by == "station":
                yield one.t, [message for message in self.said if message.connection == one.event.connection]

    def breaches(self, rule: Any) -> list[Any]:
        """What one of our own rules finds in the whole run."""
        invariants = Invariants([rule])
        return [found for record in self.trace.records for found in invariants.feed(record)]


Breaches = Callable[[Seen], Any]


def without(rule: Any, module: Any, **allowances: Any) -> Breaches:
    """Our own rule with an allowance of its module taken away, or made smaller."""

    def breaches(seen: Seen) -> list[Any]:
        with patch.multiple(module, **allowances):
            return seen.breaches(rule)

    return breaches


Stricter = Callable[[dict[str, Any]], dict[str, Any] | None]


def expecting(actions: tuple[str, ...], stricter: Stricter) -> Breaches:
    """The cases' own expectations of messages of these actions, or of answers to them, judged again where `stricter` makes something of them."""

    def breaches(seen: Seen) -> list[Any]:
        return [outcome for outcome in _judged_again(seen, actions, stricter) if outcome.state == "violated"]

    return breaches


def _judged_again(seen: Seen, actions: tuple[str, ...], stricter: Stricter) -> Iterator[Any]:
    for record in seen.trace.records:
        if not isinstance(event := record.event, Expected) or _action(seen.trace, event.spec) not in actions:
            continue
        if (spec := stricter(event.spec)) is not None:
            yield judge(msgspec.convert(spec, Expectation), Trace(seen.trace.records[: record.seq]), event.at)


def _action(trace: Trace, spec: dict[str, Any]) -> str:
    if "patterns" in spec:
        return spec["patterns"][0]["action"]
    place = spec.get("frame", spec.get("call"))
    return spec.get("event", "") if place is None else str(trace[place].event.action)


def no_error(spec: dict[str, Any]) -> dict[str, Any] | None:
    """An answer that may be a CALLERROR may not."""
    if spec["type"] != "reply" or not (spec.get("error_ok") or spec.get("error_codes")):
        return None
    return spec | {"error_ok": False, "error_codes": ()}


def no_status(status: str) -> Stricter:
    """A status that is one of several allowed, or that is passed over, is not."""

    def stricter(spec: dict[str, Any]) -> dict[str, Any] | None:
        changed = _left_out(spec, status)
        return None if changed == spec else changed

    return stricter


def _left_out(value: Any, status: str) -> Any:
    if isinstance(value, list):
        return [_left_out(one, status) for one in value]
    if not isinstance(value, dict):
        return value
    if value.get("is") in {"one_of", "not_one_of"} and len(value["values"]) > 1:
        return value | {"values": [one for one in value["values"] if one != status]}
    return {name: _left_out(inner, status) for name, inner in value.items()}


def sooner(limit_s: float, up_to_s: float = 1e9) -> Stricter:
    """What may take longer, up to a time, may take so long only."""

    def stricter(spec: dict[str, Any]) -> dict[str, Any] | None:
        within = spec.get("within", 0.0)
        waits = spec.get("word") in {"next", "eventually"} and limit_s < within <= up_to_s
        return spec | {"until": spec["until"] - within + limit_s, "within": limit_s} if waits else None

    return stricter


@dataclass(frozen=True)
class Run:
    """Behaviours that a station can have at once, each with the rule that is stricter by its clause; and the cases that bring them about."""

    ocpp: str
    rules: Mapping[str, Breaches]
    cases: tuple[str, ...]
    station: str = DEFAULT


def seen_in(folder: Path) -> Seen:
    with (folder / "latest" / "trace.jsonl").open("rb") as lines:
        reading = read(lines)
    assert reading.intact, reading.problems
    records, said = reading.trace.records, []
    for record in records:
        if (frame := record.frame) is None or frame.frame not in {"call", "result", "error"}:
            continue
        one = Said(
            record.t,
            record.utc,
            frame.connection,
            frame.direction == "in",
            frame.frame,
            frame.action or "",
            record.payload,
        )
        one.case = record.case.partition("/")[0]
        if frame.frame == "error":
            one.error = frame.raw.split('"')[3]
        if frame.answers is not None:
            one.request, one.asked_at = records[frame.answers].payload, records[frame.answers].t
        said.append(one)
    return Seen(reading.trace, said)


def broken(seen: Seen, rules: Mapping[str, Breaches]) -> set[str]:
    return {name for name, breaches in rules.items() if breaches(seen)}


class Tried:
    """The runs of one test file: of each a station with all its behaviours, and one usual station for all of the same version and kind."""

    def __init__(self, runs: Mapping[str, Run], folder: Path) -> None:
        self._runs, self._folder = runs, folder
        usual: dict[tuple[str, str], tuple[str, ...]] = {}
        for run in runs.values():
            key = run.ocpp, run.station
            usual[key] = tuple(dict.fromkeys([*usual.get(key, ()), *run.cases]))
        with ThreadPoolExecutor(default_jobs()) as pool:
            unusual = {
                name: pool.submit(self._seen, name, run.ocpp, run.station, run.cases, tuple(run.rules))
                for name, run in runs.items()
            }
            good = {key: pool.submit(self._seen, " ".join(key), *key, cases, ()) for key, cases in usual.items()}
            self._unusual = {name: future.result() for name, future in unusual.items()}
            self._usual = {key: future.result() for key, future in good.items()}

    def _seen(self, name: str, ocpp: str, station: str, cases: tuple[str, ...], switches: tuple[str, ...]) -> Seen:
        folder = self._folder / name
        done = run_cases(cases, ocpp=ocpp, faults=switches, station=station, runs=folder)
        assert done.exit_code == 0, done.output
        assert done.shown >= set(switches), f"took no effect: {set(switches) - done.shown}"
        return seen_in(folder)

    def broken(self, name: str) -> dict[str, set[str]]:
        """Which rules of all runs the usual station breaks, and which the unusual one of this run: its own, and nobody else's."""
        run = self._runs[name]
        rules = {rule: breaches for other in self._runs.values() for rule, breaches in other.rules.items()}
        return {
            "usual": broken(self._usual[run.ocpp, run.station], rules),
            "unusual": broken(self._unusual[name], rules),
        }


# -- readings that several rules share


def transactions201(seen: Seen) -> list[list[dict]]:
    """The events of each transaction of OCPP 2.0.1 by their numbers; of one that was sent again the first."""
    found: dict[str, dict[int, dict]] = {}
    for one in seen.of("TransactionEvent"):
        found.setdefault(one.payload["transactionInfo"]["transactionId"], {}).setdefault(
            one.payload["seqNo"], one.payload
        )
    return [[events[number] for number in sorted(events)] for events in found.values()]


def times_in(value: Any) -> Iterator[str]:
    """Every timestamp of a message."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "timestamp":
                yield inner
            else:
                yield from times_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from times_in(inner)


def leads(seen: Seen) -> list[float]:
    """By how much each time that the station told was ahead of the bench's clock."""
    messages = [one for one in seen.said if one.of_station and one.kind == "call"]
    return [
        (seconds_of(text) or 0.0) - (seconds_of(one.known) or 0.0) for one in messages for text in times_in(one.payload)
    ]


def followed(seen: Seen) -> bool:
    """Whether the station ever took over a leap of the CSMS's clock, which are of an hour and more: not the clock that nobody has set yet."""
    return any(1800 < abs(lead_s) < 3 * 86400 for lead_s in leads(seen))
