"""The organisation's accounts at M-Pesa, and every movement on them, in whole shillings."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from simulator.daraja.tariff import b2c_charge
from simulator.daraja.transactions import Debit, Transactions
from simulator.handsets import Handset, Handsets

OPENING_FLOAT_KES = 1_000_000
OWNER = "JOHN DOE"

Kind: TypeAlias = Literal["stk", "c2b", "b2c", "reversal", "charge"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Movement:
    """Money that moved between a phone and the organisation, or that M-Pesa charged it."""

    kind: Kind
    receipt: str
    phone: str
    amount: int
    at: datetime
    account_reference: str | None = None
    checkout_request_id: str | None = None
    originator_conversation_id: str | None = None
    linked_receipt: str | None = None

    def as_json(self) -> dict[str, object]:
        """Return the movement as scripts read it; what it does not have is left out."""
        names = {
            "account_reference": self.account_reference,
            "checkout_request_id": self.checkout_request_id,
            "originator_conversation_id": self.originator_conversation_id,
            "linked_receipt": self.linked_receipt,
        }
        return {
            "kind": self.kind,
            "receipt": self.receipt,
            "phone": self.phone,
            "amount": self.amount,
            **{name: text for name, text in names.items() if text is not None},
            "at": self.at.isoformat(timespec="milliseconds"),
        }


class Books:
    """What the paybill took, what the utility float paid out, and M-Pesa's charges.

    Guarded by the phones' lock, so that a wallet and the books move together.
    """

    def __init__(self, *, handsets: Handsets, transactions: Transactions) -> None:
        self._lock = handsets.lock
        self._transactions = transactions
        self._movements: list[Movement] = []
        self._totals: Counter[Kind] = Counter()
        self._received: Counter[tuple[str, date]] = Counter()
        self._reversed: set[str] = set()
        self._opening_float = OPENING_FLOAT_KES

    def collect(self, movement: Movement) -> None:
        """Write what a wallet has paid to the paybill."""
        with self._lock:
            self._write(movement)

    def give_back(self, handset: Handset, movement: Movement) -> None:
        """Return a payment from the paybill to the wallet it came from."""
        with self._lock:
            handset.mpesa_balance += movement.amount
            self._write(movement)
            self._reversed.add(movement.linked_receipt or "")

    def pay_out(self, handset: Handset, movement: Movement, *, charge_receipt: str) -> None:
        """Pay from the utility float into a wallet, and charge for it where there is a charge."""
        with self._lock:
            handset.mpesa_balance += movement.amount
            self._write(movement)
            self._received[movement.phone, movement.at.date()] += movement.amount
            charge = b2c_charge(movement.amount)
            if charge:
                self._write(
                    Movement(
                        kind="charge",
                        receipt=charge_receipt,
                        phone=movement.phone,
                        amount=charge,
                        at=movement.at,
                        linked_receipt=movement.receipt,
                    )
                )

    def everything(self) -> list[Movement]:
        """Return all movements, those of pushes among them, oldest first."""
        with self._lock:
            pushed = [of_push(debit) for debit in self._transactions.journal()]
            return sorted([*pushed, *self._movements], key=lambda movement: movement.at)

    def find_paid(self, receipt: str) -> Movement | None:
        """Return what a customer paid under a receipt."""
        return next(
            (
                movement
                for movement in self.everything()
                if movement.receipt == receipt and movement.kind in {"stk", "c2b"}
            ),
            None,
        )

    def is_reversed(self, receipt: str) -> bool:
        """Tell whether a payment was given back."""
        with self._lock:
            return receipt in self._reversed

    def paybill_balance(self) -> int:
        """Return what customers paid, less what was given back."""
        with self._lock:
            return self._taken_by_stk() + self._totals["c2b"] - self._totals["reversal"]

    def utility_float(self) -> int:
        """Return what can be paid out; charges are taken from an account of their own."""
        with self._lock:
            return self._opening_float - self._totals["b2c"]

    def charges_account(self) -> int:
        """Return the Charges Paid Account, which runs below zero until it is settled."""
        with self._lock:
            return -self._totals["charge"]

    def closing_balance(self) -> int:
        """Return what is on all accounts together."""
        with self._lock:
            return self.paybill_balance() + self.utility_float() + self.charges_account()

    def set_float(self, amount: int) -> None:
        """Fill or empty the utility float to an amount; no movement is written for it."""
        with self._lock:
            self._opening_float = amount + self._totals["b2c"]

    def received_on(self, phone: str, moment: datetime) -> int:
        """Return what a phone received from the float on the day of a moment."""
        with self._lock:
            return self._received[phone, moment.date()]

    def clear(self) -> None:
        """Forget every movement; the float is as at the start."""
        with self._lock:
            self._movements.clear()
            self._totals.clear()
            self._received.clear()
            self._reversed.clear()
            self._opening_float = OPENING_FLOAT_KES

    def as_json(self) -> dict[str, object]:
        """Return the totals, and whether what must be unique is unique."""
        with self._lock:
            movements = self.everything()
            receipts = [movement.receipt for movement in movements]
            paid = [m.originator_conversation_id for m in movements if m.kind == "b2c"]
            return {
                "taken_by_stk": self._taken_by_stk(),
                "taken_by_c2b": self._totals["c2b"],
                "reversed": self._totals["reversal"],
                "paid_by_b2c": self._totals["b2c"],
                "charges": self._totals["charge"],
                "paybill_balance": self.paybill_balance(),
                "utility_float": self.utility_float(),
                "charges_account": self.charges_account(),
                "each_receipt_once": len(set(receipts)) == len(receipts),
                "each_conversation_paid_once": len(set(paid)) == len(paid),
            }

    def _write(self, movement: Movement) -> None:
        self._movements.append(movement)
        self._totals[movement.kind] += movement.amount

    def _taken_by_stk(self) -> int:
        return sum(debit.amount for debit in self._transactions.journal())


def of_push(debit: Debit) -> Movement:
    """Return the movement that a paid push was."""
    return Movement(
        kind="stk",
        receipt=debit.receipt,
        phone=debit.phone,
        amount=debit.amount,
        at=debit.at,
        account_reference=debit.account_reference,
        checkout_request_id=debit.checkout_request_id,
    )
