"""The SMS that M-Pesa sends to a phone when its wallet moves."""

from datetime import datetime


def received(*, receipt: str, amount: int, sender: str, moment: datetime, balance: int) -> str:
    """Word what a phone reads when it is paid; sums in whole shillings."""
    return (
        f"{receipt} Confirmed. You have received {_sum(amount)} from {sender} on {_when(moment)}."
        f" New M-PESA balance is {_sum(balance)}."
    )


def paid(
    *,
    receipt: str,
    amount: int,
    business: str,
    account: str,
    moment: datetime,
    balance: int,
) -> str:
    """Word what a phone reads when it has paid a bill; sums in whole shillings."""
    return (
        f"{receipt} Confirmed. {_sum(amount)} sent to {business} for account {account}"
        f" on {_when(moment)}. New M-PESA balance is {_sum(balance)}."
        " Transaction cost, Ksh0.00."
    )


def given_back(*, receipt: str, original: str, amount: int, moment: datetime, balance: int) -> str:
    """Word what a phone reads when a payment of its own was reversed."""
    return (
        f"{receipt} confirmed. Reversal of transaction {original} has been successfully reversed"
        f" on {_when(moment)} and {_sum(amount)} is credited to your M-PESA account."
        f" New M-PESA account balance is {_sum(balance)}."
    )


def _sum(amount: int) -> str:
    return f"Ksh{amount:,}.00"


def _when(moment: datetime) -> str:
    clock = f"{moment:%I:%M %p}".removeprefix("0")
    return f"{moment.day}/{moment.month}/{moment:%y} at {clock}"
