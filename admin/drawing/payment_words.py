"""What to tell a caller about a payment: one sentence, about the money first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.clock import in_nairobi
from core.deposits.records import Deposit
from core.deposits.rules import PROMPT_LIFE, DepositState
from core.paybill.records import PaybillPayment, PaybillState
from core.paybill.rules import Reason
from core.withdrawals.records import Withdrawal
from core.withdrawals.rules import WithdrawalState

GOOD, WAIT, BAD, QUIET = "good", "wait", "bad", ""


@dataclass(frozen=True)
class Said:
    """A sentence to read out, and the colour of its state."""

    words: str
    tone: str


_UNKNOWN: Final = (
    "We do not know yet: M-Pesa is being asked, and nothing is lost."
    " If it was paid, it is added by itself and an SMS tells."
)
# Those a caller asks about; of the others the code is told. What M-Pesa says to the player stands
# in the SMS below.
_FAILURES: Final = {
    "1": "M-Pesa says there was not enough money in M-Pesa: nothing was taken.",
    "17": "M-Pesa took it for the same payment twice: nothing was taken. Try again in 2 minutes.",
    "1001": "M-Pesa says another payment was open on the phone: nothing was taken. Try again.",
    "1019": "M-Pesa says the PIN was not entered: nothing was taken.",
    "1025": "M-Pesa could not show the prompt: nothing was taken. The paybill can be paid by hand.",
    "1031": "M-Pesa says the prompt was cancelled: nothing was taken.",
    "1032": "M-Pesa says the prompt was cancelled: nothing was taken.",
    "1037": "M-Pesa says the PIN was not entered in time: nothing was taken. Is the phone on?",
    "2001": "M-Pesa says the PIN was wrong: nothing was taken.",
    "8006": "M-Pesa says its PIN is locked: nothing was taken. Safaricom on 100 unlocks it.",
}


def say_deposit(found: Deposit) -> Said:
    """Where the money of a deposit is."""
    match found.state:
        case DepositState.CREATED | DepositState.SUBMITTING:
            return Said(
                "The M-Pesa prompt follows a few seconds after the call ends. Nothing was taken.",
                WAIT,
            )
        case DepositState.PENDING if _is_prompting(found):
            return Said("The phone shows the M-Pesa prompt now and waits for the PIN.", WAIT)
        case DepositState.PENDING | DepositState.SUBMIT_UNKNOWN:
            return Said(_UNKNOWN, WAIT)
        case DepositState.REJECTED:
            return Said("M-Pesa took no order: no prompt was shown and nothing was taken.", BAD)
        case DepositState.SUCCEEDED:
            return _say_credited(found)
        case DepositState.FAILED:
            return Said(_say_failed(found.result_code), BAD)
        case DepositState.UNRESOLVED:
            return Said(
                "M-Pesa has not said in a day whether it was paid. Nothing is lost: take the"
                " receipt out of the caller's M-Pesa SMS, and two people of finance decide.",
                WAIT,
            )
        case DepositState.REVERSED:
            return Said("It was taken back: it is not in the wallet any more.", BAD)


def _is_prompting(found: Deposit) -> bool:
    return found.pushed_at is not None and found.now - found.pushed_at < PROMPT_LIFE


def _say_failed(code: str | None) -> str:
    if code is None:
        return "Two people found that M-Pesa has no payment of it: nothing was taken."
    return _FAILURES.get(code, f"M-Pesa says it failed (code {code}): nothing was taken.")


def _say_credited(found: Deposit) -> Said:
    came = f"The money arrived{_at(found.succeeded_at, found.now)}"
    if found.excise:
        came = f"{came} ({found.net} after {found.excise} of excise)"
    if found.frozen:
        return Said(
            f"{came}, and {found.frozen} of it is frozen: M-Pesa has contradicted itself, and two"
            " people decide. Nothing is lost.",
            WAIT,
        )
    if found.confirmed_at is None:
        return Said(
            f"{came} and is in the wallet. It can be played with now, and withdrawn as soon as"
            " M-Pesa has confirmed it.",
            GOOD,
        )
    return Said(f"{came} and is in the wallet.", GOOD)


_UNPAID: Final = {
    WithdrawalState.REQUESTED: "It is being checked before it is sent. The money is held for it.",
    WithdrawalState.QUEUED: "It waits to be sent to M-Pesa. The money is held for it.",
    WithdrawalState.UNKNOWN: (
        "We do not know yet: M-Pesa is being asked. The money is held, and nothing is lost."
    ),
    WithdrawalState.MANUAL: (
        "M-Pesa has not said in a day whether it paid. The money is held and nothing is lost: two"
        " people of finance decide."
    ),
}


def say_withdrawal(found: Withdrawal, *, waits: bool) -> Said:
    """Where the money of a withdrawal is; `waits` where two people must release it first."""
    at = _at(found.ended_at, found.now)
    match found.state:
        case _ if waits:
            words = "It is a large one, so two people of finance look at it before it is paid."
            return Said(f"{words} The money is held for it, and nothing is lost.", WAIT)
        case WithdrawalState.SENDING | WithdrawalState.ACCEPTED:
            words = f"M-Pesa has the order to pay {found.net} and has not said that it did."
            return Said(f"{words} The money is held for it, and nothing is lost.", WAIT)
        case WithdrawalState.PAID:
            return Said(f"M-Pesa paid {found.net} to the phone{at}.{_receipt(found)}", GOOD)
        case WithdrawalState.FAILED:
            return Said(f"M-Pesa did not pay it. The money is back in the wallet{at}.", BAD)
        case WithdrawalState.CANCELLED:
            words = "It was stopped before it was sent."
            return Said(f"{words} The money is back in the wallet{at}.", BAD)
        case WithdrawalState.PAID_AFTER_RELEASE:
            words = "M-Pesa paid it after the money had been given back"
            return Said(f"{words}: it was taken from the wallet again, or is owed.", BAD)
        case unpaid:
            return Said(_UNPAID[unpaid], WAIT)


def _receipt(found: Withdrawal) -> str:
    return "" if found.receipt is None else f" The M-Pesa receipt is {found.receipt}."


def say_paybill(found: PaybillPayment) -> Said:
    """Where the money of a payment to the paybill is."""
    match found.state:
        case PaybillState.HEARD:
            return Said(
                "M-Pesa told of it, and is asked to prove it: that takes a minute. Then it is"
                " added by itself and an SMS tells.",
                WAIT,
            )
        case PaybillState.CREDITED | PaybillState.PLACED:
            at = _at(found.proven_at, found.now) if found.state is PaybillState.CREDITED else ""
            return Said(f"The money arrived{at} and is in the wallet.", GOOD)
        case PaybillState.SUSPENSE:
            return Said(
                f"The money arrived and is safe with us, but {_why_held(found)}. Two people of"
                " finance put it into the right wallet.",
                WAIT,
            )
        case PaybillState.ECHO:
            return Said("It is the payment of a prompt, told twice: its deposit has it.", QUIET)
        case PaybillState.UNPROVEN:
            return Said(
                "M-Pesa told of it and never proved it. Take the receipt out of the caller's"
                " M-Pesa SMS and ask M-Pesa again.",
                WAIT,
            )


def _why_held(found: PaybillPayment) -> str:
    match found.reason:
        case Reason.UNKNOWN_ACCOUNT:
            return f"the account typed was “{found.account}”, which no player has"
        case None:
            return "it could not be added"
        case reason:
            return f"it could not be added: {reason}"


def say_line(kind: str) -> Said:
    """Where money is that so far only stands on M-Pesa's statement."""
    if kind == "paid_in":
        return Said(
            "M-Pesa's statement has this payment, and no payment of ours has its receipt yet."
            " The money is with us: finance looks at the statement.",
            WAIT,
        )
    return Said("It stands on M-Pesa's statement only, so far: finance looks at it.", WAIT)


def _at(when: datetime | None, now: datetime) -> str:
    """` at 14:05`, with the day where that is not today."""
    if when is None:
        return ""
    here = in_nairobi(when)
    day = "" if here.date() == in_nairobi(now).date() else f" on {here:%d %B}"
    return f" at {here:%H:%M}{day}"


_STATES: Final = {
    "created": ("begun", WAIT),
    "submitting": ("prompting", WAIT),
    "pending": ("waits for M-Pesa", WAIT),
    "submit_unknown": ("not known yet", WAIT),
    "rejected": ("not taken", BAD),
    "succeeded": ("in the wallet", GOOD),
    "failed": ("failed", BAD),
    "unresolved": ("needs a person", WAIT),
    "reversed": ("taken back", BAD),
    "requested": ("being checked", WAIT),
    "queued": ("to be sent", WAIT),
    "sending": ("being sent", WAIT),
    "accepted": ("with M-Pesa", WAIT),
    "unknown": ("not known yet", WAIT),
    "manual": ("needs a person", WAIT),
    "paid": ("paid", GOOD),
    "cancelled": ("stopped", BAD),
    "paid_after_release": ("paid twice", BAD),
    "heard": ("being proven", WAIT),
    "credited": ("in the wallet", GOOD),
    "suspense": ("in suspense", WAIT),
    "placed": ("in the wallet", GOOD),
    "echo": ("told twice", QUIET),
    "unproven": ("never proven", WAIT),
    "paid_in": ("on the statement", QUIET),
    "paid_out": ("on the statement", QUIET),
    "reversal": ("reversal", BAD),
}


def standing(state: str) -> tuple[str, str]:
    """A state of any kind of payment in two words, and its colour."""
    return _STATES.get(state, (state.replace("_", " "), QUIET))
