"""What a wrong behaviour of a virtual station is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One switch that makes a virtual station differ from a good one in exactly one behaviour.

    `ocpp` lists the versions whose stacks know it; `differs` says what the station does then; `breaks` names the
    requirement it breaks (document, section or requirement id). A fault knows nothing of test cases.
    """

    name: str
    ocpp: tuple[str, ...]
    differs: str
    breaks: str
