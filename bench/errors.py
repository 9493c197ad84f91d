"""Faults of the bench. They end cases *inconclusive*: never a station's fail, never silent."""


class BenchError(Exception):
    """Something is wrong with the bench or its description; the message names the place, the value and the cure."""


class InstrumentFault(BenchError):
    """An instrument is dead, late, implausible or speaks nonsense.

    `instrument` is the name in the topology, `address` its link, `what` was seen, `cure` what to try.
    """

    def __init__(self, instrument: str, address: str, what: str, cure: str) -> None:
        super().__init__(f"{instrument} at {address}: {what}. Cure: {cure}")
        self.instrument = instrument
        self.address = address
        self.what = what
        self.cure = cure
