"""The `ocpp` package's 1.6 charge point, with each request handed to the part of the firmware that serves it."""

import asyncio
import re
from typing import TYPE_CHECKING, Any

from ocpp.exceptions import OCPPError
from ocpp.messages import Call

from bench.virtual.stations.faults_configuration import UNBUILT_ACTIONS
from bench.virtual.stations.faults_remote import HANG_S
from bench.virtual.stations.link import Link
from bench.virtual.stations.ocpp16.doubles import canned
from bench.virtual.stations.ocpp16.features import is_absent, own_word
from bench.virtual.stations.ocpp16.firmware import Order
from bench.virtual.stations.ocpp16.package import KNOWN_ACTIONS, ChargePoint, call_result, errors, serves
from bench.virtual.stations.ocpp_endpoint import LOGGER, LoopTimeEndpoint

if TYPE_CHECKING:
    from bench.virtual.stations.ocpp16.security import Security
    from bench.virtual.stations.ocpp16.stack import Ocpp16Stack

DOUBLES = ("accepts_and_does_nothing", "rejects_everything")

LONGEST_TAG = 20
"""Characters of an IdToken (section 7.28)."""

_ODD_TYPE = re.compile(r"\[\s*[015-9]\s*,")

LATE_S = 20.0
"""Of the station that answers late."""


class Endpoint(LoopTimeEndpoint, ChargePoint):  # type: ignore[misc] # the package is untyped
    """One connection's worth of protocol."""

    def __init__(self, stack: "Ocpp16Stack", link: Link) -> None:
        timeout_s = stack.configuration.integer("MessageTimeout")
        super().__init__(stack.board.config.identity, link, response_timeout=timeout_s, logger=LOGGER)
        self._unique_id_generator = stack.board.message_id
        self._stack = stack

    async def _handle_call(self, msg: Call) -> Any:
        if self._stack.csms.registration == "Rejected":
            return  # section 4.2: a rejected station does not respond
        if self._is_deaf(msg):
            return
        if self._finds_too_long(msg):
            await self._connection.send(f'[4,"{msg.unique_id}","TypeConstraintViolation","idTag is too long",""]')
            return
        doubles = {name: self._stack.board.faults.on(name) for name in DOUBLES}
        answer = canned(doubles, msg.action, msg.payload or {})
        lacks = not any(doubles.values()) and is_absent(msg.action, self._stack.board.config.features)
        if lacks:
            answer = own_word(msg.action, self._stack.board.faults)
        if answer is not None:
            message: Any = msg
            reply = message.create_call_result(answer)
            await self._connection.send(reply.to_json())
            return
        if msg.action in UNBUILT_ACTIONS and self._stack.board.faults.on("profiles_advertised_in_vain"):
            await self.refuse(msg, errors.NotImplementedError())
            return
        if lacks or any(doubles.values()):
            await self.refuse(msg, errors.NotSupportedError())
            return
        await super()._handle_call(msg)
        self._stack.run_followups()

    def _sort(self, raw: Any, calls: "asyncio.Queue[Any]") -> None:
        if (
            isinstance(raw, str)
            and _ODD_TYPE.match(raw)
            and self._stack.board.faults.on("any_message_type_is_a_request")
        ):
            raw = _ODD_TYPE.sub("[2,", raw, count=1)
        super()._sort(raw, calls)

    def _is_deaf(self, msg: Call) -> bool:
        """The wrong station that gets lost over its second BootNotification."""
        asked = msg.action in ("GetConfiguration", "ChangeAvailability") and self._stack.registration.told_twice
        return asked and self._stack.board.faults.on("boots_twice_and_is_deaf")

    def _finds_too_long(self, msg: Call) -> bool:
        """The wrong station that has room for 19 characters of a tag."""
        tag = (msg.payload or {}).get("idTag") if msg.action == "RemoteStartTransaction" else None
        full = isinstance(tag, str) and len(tag) == LONGEST_TAG
        return full and self._stack.board.faults.on("tag_of_20_characters_too_long")

    async def _send(self, message: str) -> None:
        if self._stack.board.faults.on("answers_late") and not message.startswith("[2"):
            await asyncio.sleep(LATE_S)
        await super()._send(message)

    async def refuse(self, msg: Call, error: OCPPError) -> None:
        """Answer with the error code that OCPP-J 1.6 table 7 and its errata give, where the package says another."""
        self._stack.drop_followups()
        rule = getattr(error.__context__, "validator", None)
        if not isinstance(msg.action, str):
            error = errors.FormationViolationError()
        elif msg.action not in KNOWN_ACTIONS:
            error = errors.NotImplementedError()
        elif msg.action not in self.route_map:
            error = errors.NotSupportedError()
        elif rule in {"enum", "multipleOf"}:
            error = errors.PropertyConstraintViolationError()  # errata 3.24, 3.38
        elif isinstance(error, errors.FormatViolationError):
            error = errors.FormationViolationError()  # its name in 1.6
        await super().refuse(msg, error)

    def _said(self, status: str) -> str:
        """The status; the station that refuses by a CALLERROR raises that instead."""
        if status == "Rejected" and self._stack.board.faults.on("refuses_by_callerror"):
            raise errors.PropertyConstraintViolationError("refused")
        return status

    @serves("ChangeAvailability")
    async def on_change_availability(self, connector_id: int, type: str) -> Any:  # noqa: A002 - the field's name
        """Section 5.2."""
        hangs = connector_id == 0 and type == "Operative"
        if hangs and self._stack.board.faults.on("hangs_on_operative_of_the_station"):
            await asyncio.sleep(HANG_S)
            self._stack.board.loop.call_soon(self._stack.board.reboot, "Watchdog")
            await asyncio.Event().wait()
        return call_result.ChangeAvailability(status=self._stack.availability.change(connector_id, type))

    @serves("ChangeConfiguration")
    def on_change_configuration(self, key: str, value: str) -> Any:
        """Section 5.3."""
        if self._stack.csms.registration == "Pending" and self._stack.board.faults.on("no_changes_while_pending"):
            return call_result.ChangeConfiguration(status="Rejected")
        status = self._stack.configuration.change(key, value)
        return call_result.ChangeConfiguration(status=self._said(status))

    @serves("GetConfiguration")
    def on_get_configuration(self, key: list[str] | None = None) -> Any:
        """Section 5.8."""
        if self._stack.csms.registration == "Pending" and self._stack.board.faults.on("no_answers_while_pending"):
            raise errors.GenericError("not registered yet")
        rows, unknown = self._stack.configuration.report(key)
        return call_result.GetConfiguration(configuration_key=rows or None, unknown_key=unknown or None)

    @serves("ClearCache")
    def on_clear_cache(self) -> Any:
        """Section 5.4."""
        if self._stack.board.faults.on("clear_cache_answered_by_error"):
            raise errors.InternalError("the cache cannot be cleared now")
        return call_result.ClearCache(status=self._stack.authorizer.clear_cache())

    @serves("DataTransfer")
    def on_data_transfer(self, **_fields: Any) -> Any:
        """Section 5.6: this station knows no vendor's extensions."""
        faults = self._stack.board.faults
        if faults.on("data_transfer_refused_as_error"):
            raise errors.InternalError("no such vendor")
        if faults.on("unknown_vendor_with_data"):
            return call_result.DataTransfer(status="UnknownVendorId", data="no such vendor")
        if faults.on("data_transfer_accepted"):
            return call_result.DataTransfer(status="Accepted")
        return call_result.DataTransfer(status="UnknownVendorId")

    @serves("RemoteStartTransaction")
    async def on_remote_start(
        self, id_tag: str, connector_id: int | None = None, charging_profile: dict[str, Any] | None = None
    ) -> Any:
        """Section 5.11."""
        if not await self._stack.remote.may_try(id_tag):
            return call_result.RemoteStartTransaction(status="Rejected")
        status = self._stack.remote.start(id_tag, connector_id, charging_profile)
        return call_result.RemoteStartTransaction(status=self._said(status))

    @serves("RemoteStopTransaction")
    def on_remote_stop(self, transaction_id: int) -> Any:
        """Section 5.12."""
        return call_result.RemoteStopTransaction(status=self._stack.remote.stop(transaction_id))

    @serves("Reset")
    def on_reset(self, type: str) -> Any:  # noqa: A002 - the field's name
        """Section 5.14."""
        return call_result.Reset(status=self._stack.remote.reset(type))

    @serves("UnlockConnector")
    async def on_unlock_connector(self, connector_id: int) -> Any:
        """Section 5.18."""
        return call_result.UnlockConnector(status=await self._stack.remote.unlock(connector_id))

    @serves("TriggerMessage")
    def on_trigger_message(self, requested_message: str, connector_id: int | None = None) -> Any:
        """Section 5.17."""
        if connector_id == 0 and self._stack.board.faults.on("triggers_of_real_connectors"):
            raise errors.PropertyConstraintViolationError("connectorId > 0")
        return call_result.TriggerMessage(
            status=self._said(self._stack.remote.trigger(requested_message, connector_id))
        )

    @serves("GetDiagnostics")
    async def on_get_diagnostics(self, **request: Any) -> Any:
        """Section 5.9."""
        if self._stack.board.faults.on("diagnostics_request_restarts"):
            self._stack.board.reboot("Watchdog")
            await asyncio.Event().wait()  # it never comes to an answer
        return call_result.GetDiagnostics(file_name=self._stack.diagnostics.request(**request))

    @serves("UpdateFirmware")
    def on_update_firmware(self, **order: Any) -> Any:
        """Section 5.19; a station with signed updates takes no others (white paper edition 3, L01.FR.20)."""
        if self._stack.security is not None:
            raise errors.NotSupportedError("firmware updates are signed here: SignedUpdateFirmware")
        self._stack.firmware.update(Order(**order))
        return call_result.UpdateFirmware()

    @serves("SendLocalList")
    def on_send_local_list(
        self, list_version: int, update_type: str, local_authorization_list: list[dict[str, Any]] | None = None
    ) -> Any:
        """Section 5.15."""
        rows = local_authorization_list or []
        return call_result.SendLocalList(
            status=self._stack.authorizer.local_list.update(list_version, update_type, rows)
        )

    @serves("GetLocalListVersion")
    def on_get_local_list_version(self) -> Any:
        """Section 5.10."""
        return call_result.GetLocalListVersion(list_version=self._stack.authorizer.local_list.version)

    @serves("ReserveNow")
    def on_reserve_now(self, connector_id: int, **reservation: Any) -> Any:
        """Section 5.13."""
        return call_result.ReserveNow(status=self._stack.reservations.reserve(connector_id, reservation))

    @serves("CancelReservation")
    def on_cancel_reservation(self, reservation_id: int) -> Any:
        """Section 5.1."""
        return call_result.CancelReservation(status=self._stack.reservations.cancel(reservation_id))

    @serves("SetChargingProfile")
    def on_set_charging_profile(self, connector_id: int, cs_charging_profiles: dict[str, Any]) -> Any:
        """Section 5.16; an unknown connector is a PropertyConstraintViolation (errata 3.39)."""
        if connector_id != 0 and connector_id not in self._stack.outlets:
            raise errors.PropertyConstraintViolationError(f"there is no connector {connector_id}")
        status = self._stack.smart_charging.set(connector_id, cs_charging_profiles)
        idle = all(outlet.transaction is None for outlet in self._stack.outlets.values())
        return call_result.SetChargingProfile(status=self._said(status) if idle else status)

    @serves("ClearChargingProfile")
    def on_clear_charging_profile(self, **criteria: Any) -> Any:
        """Section 5.5."""
        return call_result.ClearChargingProfile(status=self._stack.smart_charging.clear(criteria))

    @serves("GetCompositeSchedule")
    def on_get_composite_schedule(self, connector_id: int, duration: int, charging_rate_unit: str | None = None) -> Any:
        """Section 5.7."""
        fields = self._stack.smart_charging.composite(connector_id, duration, charging_rate_unit or "A")
        if fields is None:
            return call_result.GetCompositeSchedule(status="Rejected")
        if self._stack.board.faults.on("composite_left_out"):
            return call_result.GetCompositeSchedule(status="Accepted")
        return call_result.GetCompositeSchedule(status="Accepted", **fields)

    # -- the security extension (OCA white paper edition 3)

    def _security(self) -> "Security":
        if self._stack.security is None:
            raise errors.NotSupportedError("the station has no security extension")
        return self._stack.security

    @serves("ExtendedTriggerMessage")
    def on_extended_trigger(self, requested_message: str, connector_id: int | None = None) -> Any:
        """5.5; what is no matter of security is triggered as by TriggerMessage."""
        security = self._security()
        if requested_message == "SignChargePointCertificate":
            return call_result.ExtendedTriggerMessage(status=security.signing.trigger())
        return call_result.ExtendedTriggerMessage(status=self._stack.remote.trigger(requested_message, connector_id))

    @serves("CertificateSigned")
    def on_certificate_signed(self, certificate_chain: str) -> Any:
        """5.1."""
        return call_result.CertificateSigned(status=self._security().signing.take(certificate_chain))

    @serves("InstallCertificate")
    def on_install_certificate(self, certificate_type: str, certificate: str) -> Any:
        """5.11."""
        status = self._security().certificates.install(certificate_type, certificate)
        return call_result.InstallCertificate(status=status)

    @serves("GetInstalledCertificateIds")
    def on_get_installed_certificate_ids(self, certificate_type: str) -> Any:
        """5.7."""
        found = self._security().certificates.listed(certificate_type)
        status = "Accepted" if found else "NotFound"
        return call_result.GetInstalledCertificateIds(status=status, certificate_hash_data=found or None)

    @serves("DeleteCertificate")
    def on_delete_certificate(self, certificate_hash_data: dict[str, Any]) -> Any:
        """5.3."""
        return call_result.DeleteCertificate(status=self._security().certificates.delete(certificate_hash_data))

    @serves("GetLog")
    def on_get_log(self, **request: Any) -> Any:
        """5.9; N01."""
        status, name = self._security().logs.request(**request)
        return call_result.GetLog(status=status, filename=name)

    @serves("SignedUpdateFirmware")
    def on_signed_update_firmware(self, **order: Any) -> Any:
        """5.21; L01."""
        return call_result.SignedUpdateFirmware(status=self._security().signed_firmware.order(**order))
