"""Use case: something says that a deposit was never paid, or not like this."""

from sqlalchemy import Connection

from core.audit_trail.records import record
from core.deposits.ask_for_proof import ask_for_proof
from core.deposits.call_person import call_person
from core.deposits.records import Deposit, deposit
from core.deposits.review_deposit import flag_deposit, review_deposit
from core.deposits.rules import DepositState
from core.ledger import book
from core.ledger.take_available import take_available
from core.ledger.transfer import Entry, Key, Transfer, TransferKind
from core.money import Money


def contradict_deposit(connection: Connection, found: Deposit, *, why: str) -> None:
    """Flag the deposit and call a person; an unconfirmed credit is frozen, too.

    Of what was credited, whatever is left in the wallet becomes held, and the provider is asked
    about the receipt. A confirmed credit is only flagged. The caller holds the deposit; frozen is
    it once, a repeat only flags and calls again.
    """
    if found.state is not DepositState.SUCCEEDED or found.confirmed_at is not None:
        review_deposit(connection, found, why=why)
        return
    flag_deposit(connection, found, why=why)
    if found.freeze_transfer_id is None:
        _freeze(connection, found)
    call_person(connection, kind="deposit_contradicted", deposit_id=found.id, why=why)
    if found.receipt is not None:
        ask_for_proof(connection, deposit_id=found.id, because="contradicted")


def _freeze(connection: Connection, found: Deposit) -> None:
    wallet = book.available_account(connection, player_id=found.player_id)
    held = book.held_account(connection, player_id=found.player_id)

    def freeze(there: Money) -> tuple[Money, int] | None:
        part = min(there, found.net)
        if not part:
            return None
        entries = (Entry(wallet, -part), Entry(held, part))
        key = Key("freeze", str(found.id))
        posted = book.post(connection, Transfer(TransferKind.FREEZE, key, entries, actor="system"))
        return part, posted.transfer_id

    frozen = take_available(connection, player_id=found.player_id, take=freeze)
    if frozen is None:
        return
    part, transfer_id = frozen
    change = deposit.update().where(deposit.c.id == found.id)
    connection.execute(change.values(frozen_cents=part.cents, freeze_transfer_id=transfer_id))
    subject = f"deposit:{found.id}"
    record(
        connection,
        actor="system",
        act="deposit.frozen",
        subject=subject,
        before={"frozen_cents": found.frozen.cents},
        after={"frozen_cents": part.cents},
    )
