"""What the callback of a push says, and how it can be worded wrongly."""

from typing import TypeAlias

from simulator.clock import daraja_timestamp
from simulator.daraja.stk_results import SUCCESS, Result
from simulator.daraja.transactions import Transaction

UNLISTED_CODE = 7777

Inner: TypeAlias = dict[str, object]
Items: TypeAlias = list[dict[str, object]]


def body_of(transaction: Transaction, result: Result) -> Inner:
    """Return the true body: a failure has no items, even where money was taken."""
    if result.code == 0 and transaction.receipt is not None and transaction.paid_at is not None:
        return success_body(
            merchant_request_id=transaction.merchant_request_id,
            checkout_request_id=transaction.checkout_request_id,
            amount=transaction.order.amount,
            receipt=transaction.receipt,
            date=daraja_timestamp(transaction.paid_at),
            phone=transaction.order.phone,
        )
    inner: Inner = {
        "MerchantRequestID": transaction.merchant_request_id,
        "CheckoutRequestID": transaction.checkout_request_id,
        "ResultCode": result.code,
        "ResultDesc": result.callback_words,
    }
    return {"Body": {"stkCallback": inner}}


def success_body(
    *,
    merchant_request_id: str,
    checkout_request_id: str,
    amount: int,
    receipt: str,
    date: str,
    phone: str,
) -> Inner:
    """Return the body of a success; the amount in whole shillings, the date as Daraja's."""
    items = {
        "Amount": float(amount),
        "MpesaReceiptNumber": receipt,
        "TransactionDate": int(date),
        "PhoneNumber": int(phone.removeprefix("+")),
    }
    inner: Inner = {
        "MerchantRequestID": merchant_request_id,
        "CheckoutRequestID": checkout_request_id,
        "ResultCode": SUCCESS.code,
        "ResultDesc": SUCCESS.callback_words,
        "CallbackMetadata": {
            "Item": [{"Name": name, "Value": value} for name, value in items.items()]
        },
    }
    return {"Body": {"stkCallback": inner}}


def misworded(body: Inner, fault: str) -> Inner:
    """Return a body as a fault words it; the names are those of the place `callback`."""
    inner = _part(body, "Body", "stkCallback")
    match fault:
        case "string_code":
            inner["ResultCode"] = str(inner["ResultCode"])
        case "unknown_code":
            inner.pop("CallbackMetadata", None)
            inner |= {"ResultCode": UNLISTED_CODE, "ResultDesc": "An unexplained condition."}
        case "unknown_checkout_id":
            inner["CheckoutRequestID"] = _of_nobody(str(inner["CheckoutRequestID"]))
        case _ if "CallbackMetadata" in inner:
            metadata = _part(inner, "CallbackMetadata")
            metadata["Item"] = _misworded_items(metadata["Item"], fault)
        case _:
            pass
    return body


def garbled(text: str, fault: str) -> str:
    """Return a body's text as a fault mutilates it."""
    match fault:
        case "truncated":
            return text[: len(text) // 2]
        case "invalid_json":
            return text.replace('"', "'")
        case _:
            return text


def _misworded_items(items: object, fault: str) -> Items:
    assert isinstance(items, list)
    values = {item["Name"]: item["Value"] for item in items}
    match fault:
        case "wrong_amount":
            values["Amount"] -= 1
        case "decimals":
            values["Amount"] += 0.5
        case "string_amount":
            values["Amount"] = f"{values['Amount']:.2f}"
        case "missing_item":
            del values["MpesaReceiptNumber"]
        case "reordered_items":
            values = dict(reversed(values.items()))
        case "masked_phone":
            phone = str(values["PhoneNumber"])
            values["PhoneNumber"] = f"{phone[:6]}***{phone[-3:]}"
        case "string_date":
            values["TransactionDate"] = _spelled(str(values["TransactionDate"]))
        case _:
            pass
    worded: Items = [{"Name": name, "Value": value} for name, value in values.items()]
    return [{"Name": "Balance"}, *worded] if fault == "balance_without_value" else worded


def _part(body: Inner, *path: str) -> Inner:
    for name in path:
        inner = body[name]
        assert isinstance(inner, dict)
        body = inner
    return body


def _of_nobody(checkout_id: str) -> str:
    return checkout_id[:-9] + checkout_id[-9:][::-1]


def _spelled(date: str) -> str:
    day, time = date[:8], date[8:]
    return f"{day[:4]}-{day[4:6]}-{day[6:]} {time[:2]}:{time[2:4]}:{time[4:]}"
