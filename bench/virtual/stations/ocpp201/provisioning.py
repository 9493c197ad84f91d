"""Answers to the CSMS's requests of blocks B and G and TriggerMessage (B05 to B07, B11, B12, G03, G04, F05, F06)."""

import asyncio
from typing import Any

from ocpp.exceptions import OccurrenceConstraintViolationError

from bench.virtual.stations.ocpp201.endpoint import CALL, RESULT, Handler, Reply
from bench.virtual.stations.ocpp201.firmware import Firmware
from bench.virtual.stations.ocpp201.firmware_update import FirmwareUpdate
from bench.virtual.stations.ocpp201.metering import meter_value
from bench.virtual.stations.ocpp201.session import Session
from bench.virtual.stations.ocpp201.status import Level
from bench.virtual.stations.ocpp201.variables import ITEMS_PER_GET, ITEMS_PER_SET

REPORT_ITEMS = 20
"""Report data in one NotifyReport."""

FEW_RESULTS = 10
"""Of the wrong station whose answer has room for no more."""

UNLOCK_S = 1.0
"""How long the lock motor may take before its feedback counts."""

Payload = dict[str, Any]


def refusal(reason_code: str) -> Payload:
    """A StatusInfoType (Part 2 appendices, 5)."""
    return {"reason_code": reason_code}


class Provisioning:
    """Handlers over the device model, availability and the life cycle."""

    def __init__(self, firmware: Firmware, update: FirmwareUpdate) -> None:
        self._firmware = firmware
        self._update = update

    def handlers(self) -> dict[str, Handler]:
        """By action."""
        return {
            "GetVariables": self.get_variables,
            "SetVariables": self.set_variables,
            "GetBaseReport": self.get_base_report,
            "Reset": self.reset,
            "ChangeAvailability": self.change_availability,
            "UnlockConnector": self.unlock_connector,
            "TriggerMessage": self.trigger_message,
        }

    def get_variables(self, get_variable_data: list[Payload], **_: Any) -> Reply:
        """B06."""
        if len(get_variable_data) > ITEMS_PER_GET:
            raise OccurrenceConstraintViolationError  # B06.FR.16
        model, faults = self._firmware.model, self._firmware.board.faults
        results = [model.get(item) for item in get_variable_data]
        if faults.on("variables_read_back_as_default"):
            results = [_with_default(self._firmware, item) for item in results]
        if faults.on("read_variables_without_attribute_type"):
            results = [item | {"attribute_type": None} for item in results]
        return Reply(RESULT.GetVariables(get_variable_result=self._spoilt(get_variable_data, results)))

    async def set_variables(self, set_variable_data: list[Payload], **_: Any) -> Reply:
        """B05."""
        if len(set_variable_data) > ITEMS_PER_SET:
            raise OccurrenceConstraintViolationError
        model, faults = self._firmware.model, self._firmware.board.faults
        password = any(item["variable"]["name"] == "BasicAuthPassword" for item in set_variable_data)
        if password and faults.on("hangs_up_on_a_password"):
            await self._hang_up()
        write = model.refuse if faults.on("writable_variables_refused") else model.set
        results = [write(item) for item in set_variable_data]
        if faults.on("written_variables_without_attribute_type"):
            results = [item | {"attribute_type": None} for item in results]
        return Reply(RESULT.SetVariables(set_variable_result=self._spoilt(set_variable_data, results)))

    async def _hang_up(self) -> None:
        """Of the wrong station that connects anew before it answered: the answer never comes."""
        endpoint = self._firmware.endpoint
        if endpoint is not None:
            self._firmware.spawn(endpoint.close())
        await asyncio.Event().wait()

    def _spoilt(self, asked: list[Payload], results: list[Payload]) -> list[Payload]:
        """The results of GetVariables or SetVariables as wrong behaviours leave them."""
        faults = self._firmware.board.faults
        if faults.on("omitted_attribute_type_stays_omitted"):
            pairs = zip(asked, results, strict=True)
            results = [
                result if item.get("attribute_type") else result | {"attribute_type": None} for item, result in pairs
            ]
        if len(results) > FEW_RESULTS and faults.on("variable_results_cut_short"):
            results = results[:FEW_RESULTS]
        return [*results, *results] if faults.on("variable_results_doubled") else results

    def get_base_report(self, request_id: int, report_base: str, **_: Any) -> Reply:
        """B07."""
        data = self._firmware.model.report(report_base)
        summary = report_base == "SummaryInventory"
        if data is None or (summary and self._firmware.board.faults.on("summary_not_supported")):
            return Reply(RESULT.GetBaseReport("NotSupported"))
        if summary and self._firmware.board.faults.on("summary_report_never_sent"):
            return Reply(RESULT.GetBaseReport("Accepted"))
        if self._firmware.board.faults.on("reports_wrong_mutability"):
            data = [item for item in map(_with_wrong_mutability, data) if item is not None]

        async def notify() -> None:
            await self._notify(request_id, data)

        return Reply(
            RESULT.GetBaseReport("Accepted"),
            then=lambda: self._firmware.spawn(notify()),
        )

    async def _notify(self, request_id: int, data: list[Payload]) -> None:
        endpoint, clock = self._firmware.endpoint, self._firmware.board.clock
        items = 1 if self._firmware.board.faults.on("reports_in_many_parts") else REPORT_ITEMS
        parts = [data[i : i + items] for i in range(0, len(data), items)] or [[]]
        for seq_no, part in enumerate(parts):
            if endpoint is None or self._stalls(seq_no):
                return
            await endpoint.ask(
                CALL.NotifyReport(
                    request_id=request_id,
                    generated_at=clock.text(),
                    seq_no=seq_no,
                    report_data=part or None,
                    tbc=seq_no < len(parts) - 1,
                )
            )

    def _stalls(self, seq_no: int) -> bool:
        """The wrong station that takes the answer to its first NotifyReport for none while it is pending."""
        return seq_no > 0 and not self._firmware.accepted and self._firmware.board.faults.on("pending_report_stalls")

    def reset(self, type: str, evse_id: int | None = None, **_: Any) -> Reply:  # noqa: A002 - the field's name
        """B11 and B12; one EVSE alone cannot be reset (B11.FR.09)."""
        firmware = self._firmware
        if evse_id is not None:
            return Reply(RESULT.Reset("Rejected", refusal("UnsupportedParam")))
        if type == "OnIdle" and firmware.occupied((0, 0)):
            firmware.reset_scheduled = True
            return Reply(RESULT.Reset("Scheduled"), then=firmware.tell_changes)
        return Reply(RESULT.Reset("Accepted"), then=self._reset_now)

    def _reset_now(self) -> None:
        for session in self._firmware.sessions.values():
            session.abort("ResetCommand", "ImmediateReset")
        self._firmware.spawn(self._firmware.reset("RemoteReset"))

    def change_availability(self, operational_status: str, evse: Payload | None = None, **_: Any) -> Reply:
        """G03 and G04."""
        firmware, operative = self._firmware, operational_status == "Operative"
        level: Level = (evse["id"], evse.get("connector_id") or 0) if evse else (0, 0)
        if level[0] not in {0, *firmware.facts.evse_ids} or level[1] not in {0, 1}:
            return _availability("Rejected", "UnknownEvse" if level[1] in {0, 1} else "UnknownConnectorId")
        firmware.scheduled = [row for row in firmware.scheduled if row[0] != level]
        if firmware.availability.is_set(level, operative=operative):
            again = firmware.board.faults.on("operative_again_rejected")
            return _availability("Rejected" if again else "Accepted")
        if not operative and firmware.occupied(level):
            firmware.scheduled.append((level, operative))
            return _availability("Scheduled")
        firmware.availability.set(level, operative=operative)
        return Reply(
            RESULT.ChangeAvailability("Accepted"),
            then=firmware.tell_changes,
        )

    async def unlock_connector(self, evse_id: int, connector_id: int, **_: Any) -> Reply:
        """F05."""
        firmware = self._firmware
        session = firmware.sessions.get(evse_id)
        if session is None or connector_id != 1:
            return Reply(RESULT.UnlockConnector("UnknownConnector"))
        authorized = session.transaction is not None and session.authorization is not None
        if authorized and firmware.board.faults.on("unlocks_in_authorized_transaction"):
            firmware.board.evses[evse_id].request_unlock(under_load=True)
            return Reply(RESULT.UnlockConnector("Unlocked"))
        if authorized:
            status = "OngoingAuthorizedTransaction"
            return Reply(RESULT.UnlockConnector(status))
        controller = firmware.board.evses[evse_id]
        controller.request_unlock()
        await asyncio.sleep(UNLOCK_S)
        status = "UnlockFailed" if controller.locked else "Unlocked"
        return Reply(
            RESULT.UnlockConnector(status),
            then=session.unlock_commanded,
        )

    def trigger_message(self, requested_message: str, evse: Payload | None = None, **_: Any) -> Reply:
        """F06: the answer first, then the message (F06.FR.04)."""
        if self._promised_in_vain(requested_message) or self._forgotten(requested_message):
            return _trigger(_nothing)
        reply = self._triggered(requested_message, evse)
        if requested_message == "SignChargingStationCertificate":
            reply = _trigger(self._firmware.certificates.ask)
        if reply.then is not None and self._firmware.board.faults.on("rejects_every_trigger"):
            return _trigger(None)
        return reply

    def _triggered(self, requested_message: str, evse: Payload | None) -> Reply:
        firmware = self._firmware
        evse_ids = [evse["id"]] if evse else list(firmware.facts.evse_ids)
        known = all(evse_id in firmware.sessions for evse_id in evse_ids)
        if requested_message == "BootNotification":
            return _trigger(None if firmware.accepted else firmware.boot_wanted.set)
        of_the_station = {
            "Heartbeat": lambda: firmware.say(CALL.Heartbeat(), triggered=True),
            "FirmwareStatusNotification": self._update.tell_again,
        }
        if requested_message in of_the_station:
            return _trigger(of_the_station[requested_message])
        if requested_message == "StatusNotification":
            connector = evse is not None and evse.get("connector_id") == 1 and known  # F06.FR.12
            return _trigger((lambda: firmware.tell_status(evse_ids[0], triggered=True)) if connector else None)
        if requested_message == "MeterValues":
            return _trigger((lambda: self._meter_values(evse_ids)) if known else None)
        if requested_message == "TransactionEvent":
            running = [s for i, s in firmware.sessions.items() if i in evse_ids and s.transaction is not None]
            return _trigger((lambda: _report(running)) if running else None)
        return Reply(RESULT.TriggerMessage("NotImplemented"))

    def _forgotten(self, requested_message: str) -> bool:
        """The wrong station that sends nothing before it is accepted, whatever it promised."""
        early = not self._firmware.accepted and requested_message in ("StatusNotification", "MeterValues")
        return early and self._firmware.board.faults.on("pending_triggers_forgotten")

    def _promised_in_vain(self, requested_message: str) -> bool:
        """What only wrong stations accept and do not send."""
        names = {
            "SignChargingStationCertificate": "certificate_trigger_without_request",
            "MeterValues": "triggered_meter_values_missing",
        }
        return requested_message in names and self._firmware.board.faults.on(names[requested_message])

    def _meter_values(self, evse_ids: list[int]) -> None:
        for evse_id in evse_ids:
            tell_meter_values(self._firmware, evse_id, "Trigger", triggered=True)


def _report(sessions: list[Session]) -> None:
    for session in sessions:
        session.triggered()


def tell_meter_values(firmware: Firmware, evse_id: int, context: str, *, triggered: bool = False) -> None:
    """Send MeterValues of an EVSE with the clock-aligned measurands (J01.FR.14, F06.FR.06)."""
    board = firmware.board
    measurands = firmware.model.members("AlignedDataCtrlr", "Measurands")
    reading, offered_a = board.read_meter(evse_id), board.evses[evse_id].limit_a
    value = meter_value(board.clock.text(), reading, measurands, context, offered_a, board.config.phases)
    if value is not None:
        request = CALL.MeterValues(evse_id, [value])
        firmware.say(request, triggered=triggered)


def _nothing() -> None:
    """What follows an accepted trigger of the wrong stations."""


def _with_wrong_mutability(item: Payload) -> Payload | None:
    """Report data as a wrong station gives it: intervals cannot be written, and what is WriteOnly is not there."""
    attribute = item["variable_attribute"][0]
    if attribute["mutability"] == "WriteOnly":
        return None
    interval = item["variable"]["name"].endswith("Interval") and attribute["mutability"] == "ReadWrite"
    return item | {"variable_attribute": [attribute | {"mutability": "ReadOnly"}]} if interval else item


def _availability(status: str, reason_code: str | None = None) -> Reply:
    info: Any = refusal(reason_code) if reason_code else None
    return Reply(RESULT.ChangeAvailability(status, info))


def _trigger(then: Any) -> Reply:
    status: Any = "Rejected" if then is None else "Accepted"
    return Reply(RESULT.TriggerMessage(status), then=then)


def _with_default(firmware: Firmware, result: Payload) -> Payload:
    return result | firmware.model.default(result)
