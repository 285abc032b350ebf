"""The providers' vocabularies of answers, and what each lets us do."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

# So much is kept of a word of theirs.
LONGEST_WORD: Final = 60


class Class(StrEnum):
    """What an answer means for the message."""

    ACCEPTED = "accepted"
    LATER = "later"
    FINAL = "final"
    UNKNOWN = "unknown"


# statusCode of a recipient inside a 201. Codes and names: the table cited by medic/cht-core and
# hekimapro/utils from the provider's docs; what may be tried again: cht-core's production rule.
RECIPIENT_CODES: Final = {
    100: ("Processed", Class.ACCEPTED),
    101: ("Sent", Class.ACCEPTED),
    102: ("Queued", Class.ACCEPTED),
    401: ("RiskHold", Class.FINAL),
    402: ("InvalidSenderId", Class.LATER),
    403: ("InvalidPhoneNumber", Class.FINAL),
    404: ("UnsupportedNumberType", Class.FINAL),
    405: ("InsufficientBalance", Class.LATER),
    406: ("UserInBlacklist", Class.FINAL),
    407: ("CouldNotRoute", Class.FINAL),
    409: ("DoNotDisturbRejection", Class.FINAL),
    500: ("InternalServerError", Class.LATER),
    501: ("GatewayError", Class.LATER),
    502: ("RejectedByGateway", Class.LATER),
}

# HTTP statuses of a refused order as a whole. 401 and 403 are a wrong key, 404 and 405 a wrong
# address: an operator will put them right. 408 says that the order never arrived whole. 502 and
# 504 come from proxies that do not know what the provider did, so they stay unknown.
HTTP_STATUSES: Final = {
    401: Class.LATER,
    403: Class.LATER,
    404: Class.LATER,
    405: Class.LATER,
    408: Class.LATER,
    429: Class.LATER,
    500: Class.LATER,
    503: Class.LATER,
}
# The provider's word that we are too fast.
TOO_FAST: Final = "HTTP 429"

# Infobip, "Response status and error codes": the status id of one message inside a 200. What is
# the account's trouble may pass later, what is the number's stays. 23 says that a message of this
# id was taken before, so nobody knows from this answer what became of it.
INFOBIP_STATUSES: Final = {
    6: ("REJECTED_NETWORK", Class.LATER),
    8: ("REJECTED_PREFIX_MISSING", Class.FINAL),
    10: ("REJECTED_DND", Class.FINAL),
    11: ("REJECTED_SOURCE", Class.LATER),
    12: ("REJECTED_NOT_ENOUGH_CREDITS", Class.LATER),
    13: ("REJECTED_SENDER", Class.LATER),
    14: ("REJECTED_DESTINATION", Class.FINAL),
    17: ("REJECTED_PREPAID_PACKAGE_EXPIRED", Class.LATER),
    18: ("REJECTED_DESTINATION_NOT_REGISTERED", Class.LATER),
    19: ("REJECTED_ROUTE_NOT_AVAILABLE", Class.LATER),
    20: ("REJECTED_FLOODING_FILTER", Class.LATER),
    21: ("REJECTED_SYSTEM_ERROR", Class.LATER),
    23: ("REJECTED_DUPLICATE_MESSAGE_ID", Class.UNKNOWN),
    24: ("REJECTED_INVALID_UDH", Class.FINAL),
    25: ("REJECTED_MESSAGE_TOO_LONG", Class.FINAL),
    51: ("MISSING_TO", Class.FINAL),
    52: ("REJECTED_INVALID_DESTINATION", Class.FINAL),
}
# The group of a status that is not listed. Rejected is "before it could be sent": it is safe to
# send it by somebody else.
INFOBIP_GROUPS: Final = {
    1: ("PENDING", Class.ACCEPTED),
    2: ("UNDELIVERABLE", Class.FINAL),
    3: ("DELIVERED", Class.ACCEPTED),
    4: ("EXPIRED", Class.FINAL),
    5: ("REJECTED", Class.LATER),
}
# What Infobip does after a 500 is written nowhere, so that it may have taken the message.
INFOBIP_HTTP_STATUSES: Final = {**HTTP_STATUSES, 500: Class.UNKNOWN}
# The same groups in a delivery report, in the words that core.notices.records.MEANING knows.
INFOBIP_REPORTS: Final = {
    "PENDING": "Submitted",
    "DELIVERED": "Success",
    "UNDELIVERABLE": "Failed",
    "EXPIRED": "Expired",
    "REJECTED": "Rejected",
}


def classify_recipient(code: int | None, *, name: str) -> tuple[str, Class]:
    """Name and class of one recipient's answer; by name where an answer carries no code."""
    by_name = {word: (word, meant) for word, meant in RECIPIENT_CODES.values()}
    if code is None:
        return by_name.get(name, (name, Class.UNKNOWN))
    return RECIPIENT_CODES.get(code, (f"{code} {name}", Class.UNKNOWN))


def classify_infobip(status: int | None, *, group: int | None) -> tuple[str, Class]:
    """Name and class of one message's status in Infobip's answer."""
    nothing = (f"status {status} of group {group}", Class.UNKNOWN)
    by_group = nothing if group is None else INFOBIP_GROUPS.get(group, nothing)
    return by_group if status is None else INFOBIP_STATUSES.get(status, by_group)


def classify_http(status: int, *, table: Mapping[int, Class] = HTTP_STATUSES) -> Class:
    """Class of an answer that is no success: a 4xx is our fault and stays so, others unknown."""
    client_errors = range(400, 500)
    return table.get(status, Class.FINAL if status in client_errors else Class.UNKNOWN)
