"""What a record holds beside verdicts (harness.record): the classes alone, so that the record rests on nothing else."""

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(slots=True)
class Identity:
    """A station by its file (`filed`) and by its own word (`told`), each with vendor, model, serial and firmware, as far as said.

    `told` holds every distinct value in the order in which it came: a firmware update shows as two. `differs` names what both say and
    say differently (any of several values told may be the file's). `evidence`: the BootNotification requests that told something new.
    """

    station: str
    ocpp: str
    filed: dict[str, str]
    told: dict[str, list[str]] = field(default_factory=dict)
    differs: list[str] = field(default_factory=list)
    evidence: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Declared:
    """Of one station: `pics` by item id, `pixit` by name (items that are not stated are left out), and `defaults`: the PIXIT items that
    stand at Plugproof's own figure because the file says nothing else."""

    station: str
    pics: dict[str, Any] = field(default_factory=dict)
    pixit: dict[str, Any] = field(default_factory=dict)
    defaults: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ReplyTiming:
    """Latencies of the replies to one action, in seconds on the run's clock, from the request to its answer.

    `by`: who replied. `p95_s` is the nearest rank: the least latency that at least 95 % of the replies do not exceed.
    """

    station: str
    ocpp: str
    by: Literal["station", "csms"]
    action: str
    n: int
    min_s: float
    median_s: float
    p95_s: float
    max_s: float


@dataclass(slots=True)
class Volume:
    """What a station sent (`in`) and got (`out`) over one connection, or from the start to the stop of one transaction.

    `id`: the connection's number or the transaction's id. `began` and `ended`: clock seconds of the first and last message counted. A
    transaction counts every message of its station meanwhile, other connectors' too: a mobile contract does not tell them apart.
    `whole`: it was seen from its begin to its end.
    """

    kind: Literal["connection", "transaction"]
    id: str
    station: str
    ocpp: str
    began: float
    ended: float
    frames_in: int = 0
    bytes_in: int = 0
    frames_out: int = 0
    bytes_out: int = 0
    whole: bool = False


@dataclass(slots=True)
class ClauseTrace:
    """One clause: the catalogue's cases that cite it (whether or not this run judged them) and the always-on rules that do."""

    clause: str
    title: str = ""
    cases: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)


@dataclass(slots=True)
class DocumentTrace:
    """The clauses of one document. `uncovered`: those of its index (`indexed` many; 0: it has none) that no case and no rule cites."""

    document: str
    covered: list[ClauseTrace] = field(default_factory=list)
    uncovered: list[str] = field(default_factory=list)
    indexed: int = 0
