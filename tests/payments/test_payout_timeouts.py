"""A payout that times out in the provider's queue: no failure, and a body full of secrets."""

import json

import pytest
from pydantic import SecretStr

from core.money import kes
from tests.payments.cashier import Cashier, result_body
from tests.payments.daraja import Daraja


@pytest.mark.parametrize("shape", ["the order itself", "a result", "text", "in a string"])
def test_a_queue_s_time_out_is_no_failure_and_its_credential_is_kept_nowhere(
    cashier: Cashier, daraja: Daraja, shape: str
) -> None:
    credential = "Zm9v+/Ab" * 43
    secret = {"mpesa_security_credential": SecretStr(credential)}
    cashier.till.settings = cashier.till.settings.model_copy(update=secret)
    cashier.till.open_worker()
    asked = cashier.pays_out()
    [order] = daraja.paid_out
    assert order["SecurityCredential"] == credential
    body: object = {
        "the order itself": order,
        "a result": result_body(asked, code=31337),
        "text": f"SecurityCredential={credential}".encode(),
        "in a string": {"request": json.dumps(order)},
    }[shape]
    cashier.hears(asked, body, to="timeout")
    assert (cashier.state(asked), cashier.held) == ("unknown", kes(500))
    assert (len(daraja.asked), cashier.messages(), cashier.alarms()) == (1, [], [])
    assert not [value for value in cashier.world.everything_stored() if credential[:40] in value]

    cashier.hears(asked)
    assert cashier.state(asked) == "paid"


@pytest.mark.parametrize("code", [0, 2001])
def test_a_time_out_s_address_believes_no_result(
    cashier: Cashier, daraja: Daraja, code: int
) -> None:
    asked = cashier.pays_out()
    cashier.hears(asked, result_body(asked, code=code), to="timeout")
    assert (cashier.state(asked), cashier.held, len(daraja.asked)) == ("unknown", kes(500), 1)


def test_a_time_out_after_the_end_changes_nothing(cashier: Cashier, daraja: Daraja) -> None:
    asked = cashier.pays_out()
    cashier.hears(asked)
    cashier.hears(asked, {}, to="timeout")
    assert (cashier.state(asked), len(daraja.asked)) == ("paid", 0)
