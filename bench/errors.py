"""Faults of the bench. They end cases *inconclusive*: never a station's fail, never silent."""

from typing import Any


class BenchError(Exception):
    """Something is wrong with the bench or its description; the message names the place, the value and the cure."""

    def __reduce__(self) -> tuple[Any, ...]:
        """So that it is raised in another process as it was in its own."""
        return _again, (type(self), str(self), self.__dict__)


def _again(kind: type[BenchError], message: str, details: dict[str, Any]) -> BenchError:
    error = kind.__new__(kind, message)
    error.__dict__.update(details)
    return error


class InstrumentFault(BenchError):  # noqa: N818 - a fault of the bench, not of the program
    """An instrument is dead, late, implausible or speaks nonsense.

    `instrument` is the name in the topology, `address` its link, `what` was seen, `cure` what to try.
    """

    def __init__(self, instrument: str, address: str, what: str, cure: str) -> None:
        super().__init__(f"{instrument} at {address}: {what}. Cure: {cure}")
        self.instrument = instrument
        self.address = address
        self.what = what
        self.cure = cure


class NotTriggered(BenchError):  # noqa: N818 - reads as the fact it reports, like InstrumentFault
    """An oscilloscope waited for an edge that never came: nothing is known of what a case wanted to see."""

    def __init__(self, instrument: str, awaited: str, seconds: float) -> None:
        cure = "check its channels and probes, and that the stimulus came; look at the signal on its screen"
        super().__init__(f"{instrument} was not triggered within {seconds:g} s: no {awaited}. Cure: {cure}")


class Absent(BenchError):  # noqa: N818 - reads as the fact it reports, like InstrumentFault
    """What a case needs is not on this bench: the case is *not run*, never passed, and nobody is to blame."""


class SafetyTripped(BenchError):  # noqa: N818 - reads as the fact it reports, like InstrumentFault
    """A reading went beyond a limit of the bench: it is in, or on its way to, its safe state and takes no stimulus."""

    def __init__(self, trip: object) -> None:
        cure = "find out what drove it there; the bench is tried again before the next case"
        super().__init__(f"{trip}. Cure: {cure}")


class HazardRefused(BenchError):  # noqa: N818 - reads as the fact it reports, like InstrumentFault
    """A hazardous stimulus in a run that is not armed."""

    def __init__(self, instrument: str, verb: str, why: str) -> None:
        cure = "run with --armed on a bench that is fit for it, and mark the case hazardous = true in its catalogue"
        super().__init__(f"{instrument}: {verb} is hazardous: {why}; this run is not armed. Cure: {cure}")


class RoleAbsent(Absent):
    """A role that a case needs is not wired on this bench."""

    def __init__(self, role: str, evse: int, bench_file: str) -> None:
        cure = f'wire one and describe it there ([[instrument]] with roles = ["{role}"], evses = [{evse}])'
        super().__init__(f"no {role} for EVSE {evse} in {bench_file}. Cure: {cure}, or waive the role")
        self.role = role
        self.evse = evse


class VerbAbsent(Absent):
    """An instrument is wired, and does not do what a case asks of it; `cure` says how it would."""

    def __init__(self, instrument: str, verb: str, why: str, cure: str) -> None:
        super().__init__(f"{instrument} does not do {verb}: {why}. Cure: {cure}, or waive the case on this bench")
        self.instrument = instrument
        self.verb = verb
        self.why = why
        self.cure = cure


class NotByHand(Absent):
    """A person was asked to do something, and did not, or did not answer.

    While a case's state is being reached it is *not run*; later it is *inconclusive*: what was asked for may have been done.
    """

    def __init__(self, instrument: str, verb: str, why: str) -> None:
        super().__init__(
            f"{instrument}: {verb} was asked of a person, and {why}. Cure: have somebody at the bench, or waive the case"
        )
        self.why = why
