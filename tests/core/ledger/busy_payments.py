"""Payments of every fate, for a book that is about to be corrupted."""

from itertools import count

from sqlalchemy import Connection, text

from core.config.rules import Dated
from core.deposits.answers import Paid
from core.deposits.records import Deposit
from core.ledger import book
from core.ledger.book import Posted
from core.ledger.transfer import AccountKind, Entry, Key, Transfer, TransferKind
from core.money import Money, kes
from core.provider.decide import DecisionOutcome, agree, propose_decision
from core.provider.subjects import Subject, SubjectKind
from core.staff.records import Role
from tests.core.deposits.purse import CANCELLED, Purse
from tests.world import World

WHOLE, NET, FEE, TAX = kes(100), kes(93), kes(5), kes(2)
WITHHOLDING_BPS = 200
EXCISE_BPS, EXCISE = 500, kes(5)
_numbers = count(1)


def has_payments_of_every_fate(world: World, phone: str) -> None:
    """Deposits of players of their own; withdrawals and paybill payments of this player."""
    world.always_had(Dated.EXCISE_BPS, EXCISE_BPS)
    _credited_deposit(world, "+254700000200")
    purse, frozen = _credited_deposit(world, "+254700000201")
    purse.is_answered(frozen, CANCELLED)
    purse, taken_back = _credited_deposit(world, "+254700000202")
    purse.spends(kes(20))
    purse.is_decided(taken_back, DecisionOutcome.REVERSED)
    player_id = world.player(phone).id
    proposer = world.has_admin("wambui@kibeezy.test", Role.FINANCE)
    agreer = world.has_admin("odhiambo@kibeezy.test", Role.FINANCE)
    with world.database.begin() as connection:
        till = _Till(connection, player_id)
        for state in ("requested", "paid", "failed", "paid_after_release"):
            till.has_withdrawal(state)
        for state in ("credited", "suspense"):
            till.has_paybill_payment(state)
        placed = Subject(SubjectKind.PAYBILL, till.has_paybill_payment("placed"))
        decision_id = propose_decision(
            connection,
            subject=placed,
            outcome=DecisionOutcome.PLACED,
            player_id=player_id,
            evidence="a call",
            by=proposer,
        )
        agree(connection, decision_id=decision_id, by=agreer)


def _credited_deposit(world: World, phone: str) -> tuple[Purse, Deposit]:
    purse = Purse.of_a_new_player(world, phone=phone)
    deposit = purse.becomes_pending()
    purse.hears(deposit, Paid())
    return purse, deposit


class _Till:
    """Writes what the use cases of withdrawals and of the paybill would have written."""

    def __init__(self, connection: Connection, player_id: int) -> None:
        self._connection = connection
        self._player_id = player_id
        self._available = book.available_account(connection, player_id=player_id)
        self._held = book.held_account(connection, player_id=player_id)
        self._collection, self._payout, self._suspense, self._fees, self._taxes, self._excise = (
            book.system_account(connection, kind=kind)
            for kind in (
                AccountKind.MPESA_COLLECTION,
                AccountKind.MPESA_PAYOUT,
                AccountKind.MPESA_SUSPENSE,
                AccountKind.FEE_REVENUE,
                AccountKind.WITHHOLDING_PAYABLE,
                AccountKind.EXCISE_PAYABLE,
            )
        )

    def has_withdrawal(self, state: str) -> None:
        paid_out = ((self._payout, NET), (self._fees, FEE), (self._taxes, TAX))
        hold = self._posts(TransferKind.HOLD, (self._available, -WHOLE), (self._held, WHOLE))
        end = clawback = None
        if state == "paid":
            end = self._posts(TransferKind.WITHDRAWAL, (self._held, -WHOLE), *paid_out)
        if state in {"failed", "paid_after_release"}:
            given_back = ((self._held, -WHOLE), (self._available, WHOLE))
            end = self._posts(TransferKind.RELEASE, *given_back, reverses=hold.transfer_id)
        if state == "paid_after_release":
            owed = book.clawback_account(self._connection, player_id=self._player_id)
            taken = ((self._available, -kes(60)), (owed, -kes(40)))
            clawback = self._posts(TransferKind.CLAWBACK, *taken, *paid_out)
        self._inserts(
            "withdrawal",
            amount_cents=WHOLE.cents,
            fee_cents=FEE.cents,
            tax_cents=TAX.cents,
            withholding_bps=WITHHOLDING_BPS,
            request_key=state,
            originator_id=state.upper().replace("_", ""),
            token=f"{next(_numbers):032x}",
            state=state,
            receipt=_receipt() if state.startswith("paid") else None,
            hold_transfer_id=hold.transfer_id,
            end_transfer_id=end and end.transfer_id,
            clawback_transfer_id=clawback and clawback.transfer_id,
        )

    def has_paybill_payment(self, state: str) -> int:
        """Its id."""
        credit = ((self._available, WHOLE - EXCISE), (self._excise, EXCISE))
        taxed = state != "suspense"
        if state == "credited":
            came = self._posts(TransferKind.PAYBILL, (self._collection, -WHOLE), *credit)
        else:
            held = ((self._collection, -WHOLE), (self._suspense, WHOLE))
            came = self._posts(TransferKind.SUSPENSE, *held)
        moved = ((self._suspense, -WHOLE), *credit)
        placed = self._posts(TransferKind.PLACEMENT, *moved) if state == "placed" else None
        return self._inserts(
            "paybill_payment",
            amount_cents=WHOLE.cents,
            account="0700000003",
            state=state,
            proven_by="status",
            receipt=_receipt(),
            transfer_id=came.transfer_id,
            place_transfer_id=placed and placed.transfer_id,
            excise_cents=EXCISE.cents if taxed else 0,
            excise_bps=EXCISE_BPS if taxed else 0,
        )

    def _posts(
        self, kind: TransferKind, *legs: tuple[int, Money], reverses: int | None = None
    ) -> Posted:
        entries = tuple(Entry(account_id, amount) for account_id, amount in legs)
        key = Key("test", f"busy:{next(_numbers)}")
        return book.post(
            self._connection, Transfer(kind, key, entries, actor="test", reverses=reverses)
        )

    def _inserts(self, table: str, **values: object) -> int:
        values = {"player_id": self._player_id, **values}
        names = ", ".join(values)
        places = ", ".join(f":{name}" for name in values)
        row = text(f"INSERT INTO {table} ({names}) VALUES ({places}) RETURNING id")
        return int(self._connection.execute(row, values).scalar_one())


def _receipt() -> str:
    return f"TKM{next(_numbers):07}"
