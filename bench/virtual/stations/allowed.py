"""What an unusual and allowed behaviour of a virtual station is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lenient:
    """One switch that makes a virtual station differ from the usual one in a way that is allowed.

    `ocpp` lists the versions whose stacks know it; `unusual` says what the station does then; `allowed_by` names the
    clause that lets it.
    """

    name: str
    ocpp: tuple[str, ...]
    unusual: str
    allowed_by: str
