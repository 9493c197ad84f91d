"""Faults of the bench. They end cases *inconclusive*: never a station's fail, never silent."""


class BenchError(Exception):
    """Something is wrong with the bench or its description; the message names the place, the value and the cure."""


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


class RoleAbsent(BenchError):  # noqa: N818 - reads as the fact it reports, like InstrumentFault
    """A role that a case needs is not wired on this bench: the case is *not run*, never passed."""

    def __init__(self, role: str, evse: int, bench_file: str) -> None:
        cure = f'wire one and describe it there ([[instrument]] with roles = ["{role}"], evses = [{evse}])'
        super().__init__(f"no {role} for EVSE {evse} in {bench_file}. Cure: {cure}, or waive the role")
        self.role = role
        self.evse = evse
