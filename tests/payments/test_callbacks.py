"""Reading the bodies that Daraja, or somebody else, posts."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.deposits.answers import Failed, Heard, NoAnswer, Paid
from core.money import Money, kes
from payments.mpesa.callbacks import read_callback, redact
from tests.payments.till import CHECKOUT, MERCHANT, RECEIPT, callback_body

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def read(body: object) -> Heard | None:
    return read_callback(redact(json.dumps(body).encode()))


def test_a_success_is_read_by_name() -> None:
    body = callback_body()
    body["Body"]["stkCallback"]["CallbackMetadata"]["Item"].reverse()
    assert read(body) == Heard(Paid(), MERCHANT, CHECKOUT, RECEIPT, kes(1000), phone="2547*****149")


def test_a_failure_has_no_items() -> None:
    heard = read(callback_body(code=1032))
    assert heard is not None
    assert isinstance(heard.answer, Failed)
    assert heard.checkout_request_id == CHECKOUT


@pytest.mark.parametrize(
    ("amount", "cents"),
    [(1, 100), (1.0, 100), ("1.00", 100), ("1000", 100_000), (1.5, 150), ("1.000", 100)],
)
def test_amounts_come_in_many_shapes(amount: object, cents: int) -> None:
    heard = read(callback_body(amount=amount))
    assert heard is not None
    assert heard.amount == Money(cents)


@pytest.mark.parametrize(
    "amount", [None, True, "", "lots", "1e3", 1e300, -1, "\u0661", "1.005", {"a": 1}, [1000]]
)
def test_what_is_no_amount_is_left_out(amount: object) -> None:
    heard = read(callback_body(amount=amount))
    assert heard is not None
    assert heard.amount is None


@pytest.mark.parametrize("receipt", [None, 7, "", "short", "x" * 21, "NLJ7 RT61SV", "NLJ7RT61Sé"])
def test_what_is_no_receipt_is_left_out(receipt: object) -> None:
    heard = read(callback_body(receipt=receipt))
    assert heard is not None
    assert heard.receipt is None


@pytest.mark.parametrize("code", ["", None, True, [], {}])
def test_no_result_code_is_no_callback(code: object) -> None:
    assert read(callback_body(code=code)) is None


def test_an_unlisted_code_is_no_failure() -> None:
    heard = read(callback_body(code=31337))
    assert heard is not None
    assert isinstance(heard.answer, NoAnswer)


@pytest.mark.parametrize(
    "items", [None, "x", [], [1], [{}], [{"Name": 1}], [{"Name": "Amount"}], {"Name": "Amount"}]
)
def test_odd_metadata_is_a_success_that_proves_nothing(items: object) -> None:
    body = callback_body()
    body["Body"]["stkCallback"]["CallbackMetadata"] = {"Item": items}
    heard = read(body)
    assert heard is not None
    assert (heard.receipt, heard.amount) == (None, None)


def test_phone_numbers_are_masked_everywhere() -> None:
    body: dict[str, Any] = callback_body(phone="+254708374149")
    body["Body"]["stkCallback"]["ResultDesc"] = "0708374149 paid, 254708374149 said"
    for raw in (json.dumps(body), json.dumps(body)[:-1], json.dumps(callback_body())):
        kept = redact(raw.encode())
        assert "708374149" not in kept.replace(CHECKOUT, "")
        assert CHECKOUT in kept, "the id is needed to match"
    # A number in JSON must stay JSON.
    assert read_callback(redact(json.dumps(callback_body()).encode())) is not None


@given(
    st.binary(max_size=400)
    | st.text().map(str.encode)
    | JSON.map(lambda value: json.dumps(value).encode())
)
def test_any_body_can_be_kept_and_read(raw: bytes) -> None:
    kept = redact(raw)
    kept.encode()
    assert "\x00" not in kept
    read_callback(kept)


@given(code=JSON, amount=JSON, receipt=JSON, phone=JSON, checkout=JSON)
def test_any_value_in_any_place_is_read_or_left_out(**values: object) -> None:
    raw = dumps(callback_body_of(**values))
    heard = read_callback(redact(raw))
    assert heard is None or isinstance(heard, Heard)


def test_deep_nesting_is_no_callback() -> None:
    for raw in (b"[" * 16_000, b'{"a":' * 3_000 + b"1" + b"}" * 3_000, b"9" * 16_000):
        assert read_callback(redact(raw)) is None


def dumps(value: object) -> bytes:
    return json.dumps(value).encode()


def callback_body_of(**values: object) -> dict[str, Any]:
    body = callback_body()
    inner = body["Body"]["stkCallback"]
    inner["ResultCode"], inner["CheckoutRequestID"] = values["code"], values["checkout"]
    for item in inner["CallbackMetadata"]["Item"]:
        item["Value"] = values.get({"MpesaReceiptNumber": "receipt"}.get(item["Name"], "amount"))
    return body
