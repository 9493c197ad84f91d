"""One connector: what is going on there, and the status that follows from it (section 4.9)."""

from dataclasses import asdict, dataclass, field
from typing import Any

from bench.virtual.stations.controller import EvseController
from bench.virtual.stations.faults import ActiveFaults

ERROR_CODES = {
    "ground_failure": "GroundFailure",
    "over_temperature": "HighTemperature",
    "over_current": "OverCurrentFailure",
    "over_voltage": "OverVoltage",
    "under_voltage": "UnderVoltage",
    "power_meter": "PowerMeterFailure",
    "lock_failure": "ConnectorLockFailure",
    "welded_contactor": "PowerSwitchFailure",
}
"""Hardware fault -> ChargePointErrorCode (section 7.6); everything else is OtherError with the fault as info."""


@dataclass(slots=True)
class Authorisation:
    """Someone may charge here, and no transaction has begun yet. `roaming`: the reader serves every connector."""

    id_tag: str
    parent_id_tag: str | None = None
    roaming: bool = False
    profile: dict[str, Any] | None = None


@dataclass(slots=True)
class Transaction:
    """A transaction in progress. `uid` names it inside the station until the CSMS has given its transactionId."""

    uid: str
    connector_id: int
    id_tag: str
    parent_id_tag: str | None
    meter_start_wh: int
    started_at: str
    transaction_id: int | None = None
    deauthorised: bool = False
    has_charged: bool = False
    stopping: bool = False
    samples: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """For NVRAM."""
        return asdict(self)


@dataclass(slots=True)
class Outlet:
    """One connector and its EVSE (this station has one connector an EVSE)."""

    connector_id: int
    controller: EvseController
    faults: ActiveFaults
    authorisation: Authorisation | None = None
    transaction: Transaction | None = None
    finishing: bool = False
    unplugged_in_transaction: bool = False
    operative: bool = True
    reserved: bool = False
    keep_locked_for: str | None = None
    overlooked: bool = False
    """The wrong station that does not see the EV that was connected when it started."""
    stuck: bool = False
    """The wrong station that stays Preparing without a cable."""
    barred: bool = False
    """The wrong station that serves nobody until the cable is pulled."""
    inert: bool = False
    """The wrong station that begins nothing until the cable is pulled, whatever it accepts."""

    @property
    def free(self) -> bool:
        """Whether a new user may be served here (a reservation is checked elsewhere)."""
        if self.faults.on("unknown_cable_refused") and self.controller.cable_unknown:
            return False
        if self.stuck or (self.spent and self.faults.on("available_after_stop_with_cable")):
            return False
        if self.spent and self.faults.on("refuses_starts_while_finishing"):
            return False
        idle = self.authorisation is None and self.transaction is None and not self.barred
        return idle and self.operative and not self.out_of_order

    @property
    def spent(self) -> bool:
        """Whether a transaction has stopped here and its cable is still in."""
        return self.finishing and self.controller.plugged

    @property
    def out_of_order(self) -> bool:
        """Whether a fault keeps transactions from starting."""
        return self.controller.faulted and not self.faults.on("starts_while_faulted")

    def status(self) -> str:
        """The ChargePointStatus that holds now."""
        if self.controller.fault == "pilot_fault" and self.faults.on("pilot_error_is_a_suspension"):
            return "SuspendedEVSE"
        if self.controller.faulted:
            return "Faulted"
        if self.transaction is not None:
            return self._transaction_status(self.transaction)
        if self.finishing:
            told_free = self.spent and self.faults.on("available_after_stop_with_cable")
            return "Available" if told_free else "Finishing"
        return self._idle_status() if self.operative else "Unavailable"

    def _idle_status(self) -> str:
        if self.authorisation is not None:
            return "Preparing"
        if self.reserved:
            return "Reserved"
        plugged = self.controller.plugged and not self.overlooked
        return "Preparing" if plugged or self.stuck else "Available"

    def error(self) -> tuple[str, str | None]:
        """errorCode and info that hold now."""
        fault = self.controller.fault
        if fault is not None:
            code = ERROR_CODES.get(fault, "OtherError")
            if fault == "lock_failure" and self.faults.on("lock_failure_as_other_error"):
                code = "OtherError"
            if fault.endswith("_voltage") and self.faults.on("supply_fault_code_other"):
                code = "OtherError"
            if fault == "pilot_fault" and self.faults.on("pilot_error_is_a_suspension"):
                code = "EVCommunicationError"
            return code, fault if code == "OtherError" else None
        told = self.unplugged_in_transaction and not self.faults.on("ev_side_info_missing")
        return "NoError", "EV side disconnected" if told else None

    def _transaction_status(self, transaction: Transaction) -> str:
        if transaction.stopping:
            return "SuspendedEVSE" if self.faults.on("available_after_stop_with_cable") else "Finishing"
        if transaction.deauthorised:
            return "SuspendedEVSE"
        activity = self.controller.activity
        if activity == "charging":
            return "Charging"
        if activity == "suspended_evse":
            return "SuspendedEVSE"
        if activity == "suspended_ev" or not self.controller.plugged:
            return "SuspendedEV"
        return "SuspendedEVSE" if transaction.has_charged else "Preparing"
