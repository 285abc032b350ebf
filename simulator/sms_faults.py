"""What can go wrong with an SMS: at the provider's desk, in its reports, and on the way in."""

from typing import Final

# What the desk answers for a recipient that it refuses (the provider's docs, as medic/cht-core
# and hekimapro/utils cite them). Without a fault it uses 403 and 406 by itself.
RECIPIENT_CODES: Final = {
    401: "RiskHold",
    402: "InvalidSenderId",
    403: "InvalidPhoneNumber",
    404: "UnsupportedNumberType",
    405: "InsufficientBalance",
    406: "UserInBlacklist",
    407: "CouldNotRoute",
    409: "DoNotDisturbRejection",
    500: "InternalServerError",
    501: "GatewayError",
    502: "RejectedByGateway",
}
# The provider's page "Delivery reports"; which status each comes with is not told there.
FAILURE_REASONS: Final = {
    "InsufficientCredit": "Rejected",
    "InvalidLinkId": "Rejected",
    "UserIsInactive": "Rejected",
    "UserInBlackList": "Rejected",
    "UserAccountSuspended": "Rejected",
    "NotNetworkSubscriber": "Rejected",
    "UserNotSubscribedToProduct": "Rejected",
    "UserDoesNotExist": "Failed",
    "DeliveryFailure": "Failed",
}

DESK: Final = {
    "invalid_sender": "HTTP 201 with no recipients",
    "timeout": "is delivered; the answer comes only after `seconds` (30)",
    "error_500": "HTTP 500; not delivered",
    "unauthorised": "HTTP 401",
    "no_credit": "HTTP 201, each recipient 405",
    "cut": "the connection is cut without an answer; not delivered",
    "lose_answer": "is delivered, then the connection is cut",
    "html_502": "HTTP 502 with a gateway's page; not delivered",
    "throttle": "HTTP 429; not delivered",
    "no_recipients": "HTTP 201, `Sent to 0/1` and no recipients",
    "truncated": "is delivered; the answer's JSON breaks off",
    "with_charset": "is delivered; answered as `application/json; charset=utf-8`",
    "wrong_parts": "is delivered; the answer counts one part more than there are",
    "no_cost": "is delivered; the answer names no cost",
    "zero_cost": "is delivered; the cost is 0, without a currency",
    "usd_cost": "is delivered; the recipient's cost is in USD",
    "no_id": "is delivered; its messageId is the word None",
    **{
        f"code_{code}": f"HTTP 201, each recipient {code} {word}"
        for code, word in RECIPIENT_CODES.items()
        if code != 405  # noqa: PLR2004 - this one is no_credit
    },
}

REPORT: Final = {
    "drop": "is never sent",
    "delay": "comes after `seconds` (30)",
    "duplicate": "`copies` (3) of it at the same moment",
    "before_answer": "comes before the order is answered",
    "interim": "Sent, Submitted and Buffered come before it",
    "shuffle": "Sent, Submitted, Buffered and Success, in an order that is drawn",
    "failure_after_success": "Success, then Failed after `seconds` (30)",
    "success_after_failure": "Failed, then Success after `seconds` (30)",
    "failed": "Failed, without a reason; the phone does not get it",
    "expired": "Expired; the phone does not get it",
    "unknown_status": "a status that the provider's pages do not know",
    "another_network": "names another network than the phone's, as for a number that moved",
    "unknown_network": "names a network that nobody knows",
    "wrong_phone": "names another phone",
    "unknown_id": "about a message of nobody",
    **{
        f"{status.lower()}_{reason}": f"{status}, {reason}; the phone does not get it"
        for reason, status in FAILURE_REASONS.items()
    },
}

INBOUND: Final = {
    "drop": "never reaches the service",
    "delay": "comes after `seconds` (30)",
    "duplicate": "`copies` (3) of it at the same moment, under one id",
    "repeat": "comes again after `seconds` (30), under the same id",
    "plain_date": "its date as `2026-11-25 03:00:00`",
    "no_network": "without a network code",
}
