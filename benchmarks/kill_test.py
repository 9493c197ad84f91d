"""Kill runs at random moments and see the bench safe each time: `.venv/bin/python benchmarks/kill_test.py --kills 100`.

A virtual bench with its station is served by a process of its own. Each run drives it as a real bench, is ended by SIGKILL at a
moment drawn from a seeded source, and then: the watchdog's report must say that every safe-state step was applied and read back;
the bench, asked over plain sockets past all drivers, must be safe; the trace must read and judge up to the cut.
"""

import argparse
import contextlib
import io
import json
import random
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from fixtures.catalogue_files import catalogue
from fixtures.cli.main import main as plugproof
from harness.trace import jsonl
from harness.trace.events import Note, Stimulus

ROOT = Path(__file__).resolve().parent.parent
BENCH = ROOT / "bench" / "topologies" / "virtual.toml"
STATION = ROOT / "fixtures" / "stations" / "virtual.toml"
PATIENCE_S = 60.0
LATEST_S = 8.0
CASES_A_RUN = 3


# -- the bench, asked past all drivers


def modbus(port, function, address, count):
    """One Modbus TCP read; the bytes of its answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(struct.pack(">HHHBBHH", 1, 0, 6, 1, function, address, count))
        head = line.recv(9, socket.MSG_WAITALL)
        assert head[7] == function, f"Modbus exception {head!r}"
        return line.recv(head[8], socket.MSG_WAITALL)


def ask(port, *lines):
    """SCPI queries on one connection; the last one's answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall("".join(f"{text}\n" for text in lines).encode())
        return line.makefile().readline().strip()


def state_of(ports):
    """What the bench is at: per EVSE plug, inlet, S2, diode, short (coils) and pilot state; supply and mains relay."""
    state = {}
    for evse in (1, 2):
        bits = modbus(ports[f"ev_{evse}"], 1, 0, 5)[0]
        names = ("plugged", "inlet", "s2", "diode_bypassed", "pilot_shorted")
        state[f"ev_{evse}"] = {name: bool(bits >> n & 1) for n, name in enumerate(names)}
        pilot = modbus(ports[f"ev_{evse}"], 4, 0, 1)
        state[f"ev_{evse}"]["pilot"] = "ABCDEF"[int.from_bytes(pilot, "big")]
    state["mains_cut"] = bool(modbus(ports["relays"], 1, 0, 1)[0] & 1)
    state["output"] = ask(ports["source"], "outp?")
    state["volts"] = [float(ask(ports["source"], f"inst:nsel {phase};:volt:ac?")) for phase in (1, 2, 3)]
    state["hertz"] = float(ask(ports["source"], "freq?"))
    return state


def unsafe(state):
    """What of it is not as the bench file's safe state says."""
    wrong = []
    for evse in ("ev_1", "ev_2"):
        wrong += [f"{evse} {name}" for name, on in state[evse].items() if on is True]
        wrong += [f"{evse} pilot {state[evse]['pilot']}"] if state[evse]["pilot"] != "A" else []
    wrong += ["mains cut"] if state["mains_cut"] else []
    wrong += [f"output {state['output']}"] if state["output"].upper() not in {"1", "ON"} else []
    wrong += [f"supply {state['volts']} V"] if any(abs(volts - 230.0) > 1.0 for volts in state["volts"]) else []
    wrong += [f"supply {state['hertz']} Hz"] if abs(state["hertz"] - 50.0) > 0.1 else []
    return wrong


def reboot(ports):
    """Switch the station off and on: a run that meets one that was connected before waits 20 s for its statuses."""
    ask(ports["source"], "abort;:outp off", "syst:err?")
    time.sleep(0.6)  # it lives on for 0.3 s
    ask(ports["source"], "abort;:outp on", "syst:err?")


# -- one kill


@dataclass
class Kill:
    """What was seen of one: `problems` is empty when the bench was safe and the trace sound."""

    number: int
    cases: list[str]
    after_s: float
    before: dict = field(default_factory=dict)
    safe_after_s: float = 0.0
    acting_s: float = 0.0
    attempts: int = 0
    earlier: list[str] = field(default_factory=list)
    events: int = 0
    guarded: bool = False
    ended_before: bool = False
    problems: list[str] = field(default_factory=list)


def wait_for(condition, what, process=None):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"{what}: the program ended with {process.returncode}: {process.communicate()[0]}")
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what}: not within {PATIENCE_S:g} s")
        time.sleep(0.005)


def kill_once(kill, folder, bench, ports):
    reboot(ports)
    runs = folder / f"kill{kill.number}"
    named = [word for case in kill.cases for word in ("--case", case)]
    files = ["--bench", str(bench), "--station", str(STATION), "--runs", str(runs), "--ocpp", "1.6"]
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "testcases", "-p", "no:cacheprovider", *files, *named],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for((runs / "latest" / "trace.jsonl").exists, "the trace", process)
        time.sleep(kill.after_s)
        kill.before = state_of(ports)
        kill.ended_before = process.poll() is not None
        process.kill()
        killed = time.monotonic()
    finally:
        process.kill()
        process.wait()
    if not kill.ended_before:
        examine((runs / "latest").resolve(), kill, killed, ports)


def examine(run, kill, killed, ports):
    with (run / "trace.jsonl").open("rb") as lines:
        reading = jsonl.read(lines)
    events = [record.event for record in reading.trace.records]
    kill.events = len(events)
    kill.problems += reading.breaks
    kill.problems += [] if reading.cut else ["the trace does not say that it was cut"]
    kill.guarded = any(isinstance(event, Note) and "watchdog" in event.data for event in events)
    if kill.guarded:
        report = run / "watchdog.json"
        wait_for(report.exists, f"kill {kill.number}: {report}")
        kill.safe_after_s = time.monotonic() - killed
        told = json.loads(report.read_bytes())
        kill.acting_s, kill.attempts, kill.earlier = told["seconds"], told["attempts"], told["earlier"]
        kill.problems += [] if told["safe"] else [f"watchdog: {told['problem'] or told['steps']}"]
        kill.problems += [] if told["end"] == "died" else [f"watchdog: {told['why']}"]
    elif any(isinstance(event, Stimulus) for event in events):
        kill.problems.append("a stimulus without a watchdog")
    kill.problems += unsafe(state_of(ports))
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        code = plugproof(["judge", str(run), "--json"])
    judged = json.loads(shown.getvalue())
    if code not in {0, 1} or not judged["judged"] or judged["breaks"] or judged["disagreements"]:
        kill.problems.append(f"judge: code {code}, {judged['breaks'] or judged['disagreements']}")


# -- all of them


@contextlib.contextmanager
def served(folder, csms_port):
    """The virtual bench and station in a process of their own; gives bench file and ports."""
    bench, ports = folder / "served.toml", folder / "ports.json"
    command = [sys.executable, "-m", "fixtures.cli.main", "bench", "serve", "--bench", str(BENCH)]
    station = ["--station", str(STATION), "--csms-port", str(csms_port), "--retry", "0.3"]
    process = subprocess.Popen(
        [*command, *station, "--write-bench", str(bench), "--ports-file", str(ports)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_for(ports.exists, "bench serve", process)
        yield bench, json.loads(ports.read_bytes())
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_S)


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def eligible():
    """1.6 cases in which a car is used: they have something to be secured."""
    entries = catalogue().values()
    return sorted(entry.id for entry in entries if "1.6" in entry.ocpp and "ev_simulator" in entry.roles)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--latest", type=float, default=LATEST_S, help="latest moment after the trace began, seconds")
    options.add_argument("--json", type=Path, help="write every kill")
    given = options.parse_args()
    rng, kills = random.Random(given.seed), []
    with tempfile.TemporaryDirectory() as name, served(Path(name), free_port()) as (bench, ports):
        while len(kills) < given.kills:
            kill = Kill(len(kills) + 1, rng.sample(eligible(), CASES_A_RUN), rng.uniform(0.0, given.latest))
            began = time.monotonic()
            kill_once(kill, Path(name), bench, ports)
            if kill.ended_before:
                print(f"     the run ended before {kill.after_s:.2f} s: {kill.cases}; another one", flush=True)
                subprocess.run(["rm", "-rf", str(Path(name) / f"kill{kill.number}")], check=True)
                continue
            kills.append(kill)
            told = "; ".join(kill.problems) or f"safe {kill.safe_after_s:.2f} s after the kill"
            spent = time.monotonic() - began
            print(
                f"{kill.number:4} after {kill.after_s:5.2f} s, {kill.events:4} events: {told} ({spent:.1f} s)",
                flush=True,
            )
    return summary(kills, given.json)


def summary(kills, file):
    guarded = [kill for kill in kills if kill.guarded]
    times = sorted(kill.safe_after_s for kill in guarded)
    bad = [kill for kill in kills if kill.problems]
    plugged = sum(any(kill.before[ev]["plugged"] for ev in ("ev_1", "ev_2")) for kill in kills)
    asking = sum(any(kill.before[ev]["s2"] for ev in ("ev_1", "ev_2")) for kill in kills)
    again = sum(kill.attempts > 1 for kill in kills)
    other = sum(bool(unsafe(kill.before)) for kill in kills)
    print(
        f"{len(kills)} kills, {len(guarded)} with the watchdog at work, {len(kills) - len(bad)} safe with a sound trace"
    )
    print(f"at the kill: {other} benches not in the safe state, {plugged} with the cable in, {asking} with S2 closed")
    print(f"{again} took more than one attempt")
    if times:
        print(
            f"from kill to safe and read back: median {statistics.median(times):.2f} s, "
            f"95th percentile {times[int(0.95 * (len(times) - 1))]:.2f} s, longest {times[-1]:.2f} s"
        )
    if file is not None:
        file.write_text(json.dumps([asdict(kill) for kill in kills], indent=1))
    return 1 if bad or not guarded else 0


if __name__ == "__main__":
    sys.exit(main())
