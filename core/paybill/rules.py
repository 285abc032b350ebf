"""When a payment to the paybill is credited, and why one is held back."""

from enum import StrEnum

from core.phone import InvalidPhone, parse_phone


class ProvenBy(StrEnum):
    """Whose word moves money: never the confirmation's own."""

    STATUS = "status"
    STATEMENT = "statement"


class Reason(StrEnum):
    """Why a payment waits in suspense."""

    UNKNOWN_ACCOUNT = "unknown account"
    AMOUNT_DIFFERS = "amount differs"
    CONTESTED = "told with another amount or account"
    NOT_ITS_DEPOSIT = "does not fit its deposit"


def phone_in(account: str) -> str | None:
    """The phone that was typed as the account, as +254…, however it was spelled."""
    try:
        return parse_phone(account)
    except InvalidPhone:
        return None


def reference_in(account: str) -> str:
    """The account as the reference of a deposit would be spelled."""
    return "".join(account.split()).upper()


def is_same_account(one: str, other: str) -> bool:
    """Whether two channels told the same account, each in its own spelling."""
    phones = phone_in(one), phone_in(other)
    return phones[0] == phones[1] if any(phones) else reference_in(one) == reference_in(other)
