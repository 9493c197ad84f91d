"""Writing TransactionEventRequests: which fields belong into this event, and what the meter reads now."""

from typing import Any, Literal, Protocol

from bench.virtual.stations.board import Board
from bench.virtual.stations.ocpp201.device_model import DeviceModel
from bench.virtual.stations.ocpp201.memory import Table
from bench.virtual.stations.ocpp201.metering import meter_value, without_defaults
from bench.virtual.stations.ocpp201.transaction import IdToken, MeterValue, Transaction

EventType = Literal["Started", "Updated", "Ended"]

ENDED_OFFSET_WH = 150.0
"""How far the wrong behaviour `ended_register_reads_high` is off."""


class Queue(Protocol):
    """Where events go."""

    def put(self, evse_id: int, event: dict[str, Any]) -> None:
        """Take one event; delivery keeps the order."""


class EventWriter:
    """Builds the TransactionEvents of one EVSE and hands them to the queue."""

    def __init__(self, board: Board, evse_id: int, model: DeviceModel, open_tx: Table, queue: Queue) -> None:
        self._board = board
        self._evse_id = evse_id
        self._model = model
        self._open_tx = open_tx
        self._queue = queue
        self._next_seq_no = 0

    def post(
        self,
        kind: EventType,
        transaction: Transaction,
        trigger: str,
        *,
        state: str | None = None,
        token: IdToken | None = None,
        remote_start_id: int | None = None,
        with_evse: bool = False,
        readings: list[MeterValue] | None = None,
        phases_used: int | None = None,
    ) -> None:
        """Queue one event. `state` is given when the charging state is to be reported (E01.FR.18)."""
        faults = self._board.faults
        named_again = transaction.evse_named and faults.on("evse_in_every_event")
        transaction.evse_named = transaction.evse_named or with_evse
        names_evse = (with_evse or named_again) and not faults.on("evse_missing_in_event")
        info: dict[str, Any] = {"transaction_id": transaction.transaction_id}
        if state is None and faults.on("charging_state_in_every_event"):
            state = transaction.charging_state
        if state is not None and not (faults.on("charging_state_unreported") and kind == "Updated"):
            info["charging_state"] = state
        if kind == "Ended":
            other = faults.on("stopped_reason_always_other")
            info["stopped_reason"] = "Other" if other else transaction.stop_reason or "Local"
        if remote_start_id is not None and not faults.on("remote_start_id_missing"):
            info["remote_start_id"] = remote_start_id
        if kind == "Started" and self._next_seq_no and faults.on("sequence_numbers_go_on"):
            transaction.next_seq_no = self._next_seq_no
        seq_no = transaction.take_seq_no()
        self._next_seq_no = transaction.next_seq_no
        event = {
            "event_type": kind,
            "timestamp": self._board.clock.text(),
            "trigger_reason": _trigger(self._board, trigger),
            "seq_no": seq_no,
            "transaction_info": info,
            "meter_value": self._as_told(readings) if readings else None,
            "number_of_phases_used": phases_used,
            "evse": {"id": self._evse_id, "connector_id": 1} if names_evse else None,
            "id_token": None if faults.on("id_token_missing_in_event") else token,
        }
        if faults.on("seq_no_stands_still"):
            event["seq_no"] = 0
        if faults.on("seq_no_counts_by_two"):
            event["seq_no"] = 2 * seq_no
        self._remember(kind, transaction)
        if not (kind == "Ended" and faults.on("stop_not_told")):
            self._queue.put(self._evse_id, event)

    def _as_told(self, readings: list[MeterValue]) -> list[MeterValue]:
        """The readings as the unusual stations write them that a document allows."""
        faults = self._board.faults
        if faults.on("measurands_apart_in_events"):
            readings = [one | {"sampled_value": [sample]} for one in readings for sample in one["sampled_value"]]
        if faults.on("defaults_left_out_in_events"):
            readings = [
                one | {"sampled_value": [without_defaults(sample) for sample in one["sampled_value"]]}
                for one in readings
            ]
        return readings

    def sample(self, measurands: tuple[str, ...], context: str) -> list[MeterValue]:
        """Read the station's meter now: one meter value, or none when no measurand is wanted."""
        reading = self._board.read_meter(self._evse_id)
        offered_a = self._board.evses[self._evse_id].limit_a
        value = meter_value(
            self._board.clock.text(), reading, measurands, context, offered_a, self._board.config.phases
        )
        return [] if value is None else [value]

    def begin(self, transaction: Transaction) -> list[MeterValue]:
        """Transaction.Begin readings (E01.FR.09), and those kept for the end (SampledDataCtrlr.TxEndedInterval)."""
        transaction.begin_due = False
        if not self._model.flag("SampledDataCtrlr", "Enabled"):
            return []
        ended = self._model.members("SampledDataCtrlr", "TxEndedMeasurands")
        transaction.ended_samples = self.sample(ended, "Transaction.Begin")
        readings = self.sample(self._model.members("SampledDataCtrlr", "TxStartedMeasurands"), "Transaction.Begin")
        if self._board.faults.on("begin_register_starts_at_zero"):
            _shift(readings, -self.energy_wh())
        return readings

    def end(self, transaction: Transaction) -> list[MeterValue]:
        """Transaction.End readings after those kept since the start (E06.FR.11)."""
        if not self._model.flag("SampledDataCtrlr", "Enabled"):
            return []
        final = self.sample(self._model.members("SampledDataCtrlr", "TxEndedMeasurands"), "Transaction.End")
        if self._board.faults.on("ended_register_reads_high"):
            _shift(final, ENDED_OFFSET_WH)
        return [*transaction.ended_samples, *final]

    def energy_wh(self) -> float:
        """The import register now."""
        return self._board.read_meter(self._evse_id).energy_wh

    def phases_drawn(self) -> int:
        """How many phases carry more than 1 A (E02.FR.18)."""
        return sum(1 for amps in self._board.read_meter(self._evse_id).current_a if amps > 1.0)

    def forget(self) -> None:
        """The transaction has moved to another EVSE: do not end it here after a loss of supply."""
        self._open_tx.pop(str(self._evse_id), None)

    def _remember(self, kind: EventType, transaction: Transaction) -> None:
        if kind == "Ended":
            self._open_tx.pop(str(self._evse_id), None)
        else:
            self._open_tx[str(self._evse_id)] = transaction.memory()


def _trigger(board: Board, trigger: str) -> str:
    if trigger == "RemoteStart" and board.faults.on("remote_start_reported_as_authorized"):
        return "Authorized"
    if trigger == "Authorized" and board.faults.on("authorization_reported_as_state_change"):
        return "ChargingStateChanged"
    return trigger


def _shift(readings: list[MeterValue], by_wh: float) -> None:
    for reading in readings:
        for sample in reading["sampled_value"]:
            if sample["measurand"].startswith("Energy."):
                sample["value"] += by_wh
