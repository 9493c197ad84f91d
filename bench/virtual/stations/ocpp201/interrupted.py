"""Stations that go on with a transaction which a loss of supply interrupted (B01, step 5: its connector is Occupied)."""

from bench.virtual.stations.board import Board
from bench.virtual.stations.faults_provoked import BEGINS_AGAIN_S
from bench.virtual.stations.ocpp201.charging_profiles import ProfileStore
from bench.virtual.stations.ocpp201.session import Session
from bench.virtual.stations.ocpp201.transaction import Authorization, Transaction


def resumes(board: Board, profiles: ProfileStore, session: Session, transaction: Transaction) -> bool:
    """Whether it goes on: only where a driver was authorized and the EV is still there. The wrong station forgets the transaction's profile."""
    if transaction.token is None or not board.evses[session.evse_id].plugged:
        return False
    limited = any(row.profile.get("transaction_id") == transaction.transaction_id for row in profiles.all())
    if limited and board.faults.on("resumes_without_its_limit"):
        profiles.forget_transaction(transaction.transaction_id)
        return True
    return board.faults.on("resumes_after_power_loss")


def resume(board: Board, session: Session, transaction: Transaction) -> None:
    """Take it up where it was: the driver, the EV, and what the profiles leave."""
    assert transaction.token is not None
    session.transaction = transaction
    session.authorization = Authorization(transaction.token, reported=True)
    session.connected = board.evses[session.evse_id].plugged
    transaction.ready_at = transaction.started_at
    session.sample_on()
    session.energise()


def begin_again(board: Board, session: Session, transaction: Transaction) -> None:
    """What the wrong station does once it told of the end."""
    if transaction.token is not None and board.faults.on("begins_again_after_power_loss"):
        board.loop.call_later(BEGINS_AGAIN_S, session.authorize, transaction.token)
