"""The paybill against the simulator, over real sockets in both directions."""

import pytest

from core.money import kes
from core.outbox.deliver import Done, Worker
from payments import c2b_desk, c2b_routes
from payments.register_paybill import NotRegistered, registrar
from tests.payments.test_with_simulator import Street, street
from tests.payments.till import PHONE

__all__ = ["street"]


@pytest.fixture
def paybill(street: Street) -> Street:
    """The street, on which Daraja knows our paybill's addresses."""
    till = street.till
    till.app.register_blueprint(
        c2b_routes.blueprint(database=till.world.database, settings=till.settings)
    )
    desk = c2b_desk.jobs(database=till.world.database, settings=till.settings)
    handlers = {**till.worker.handlers, **desk, "send_sms": lambda _: Done()}
    till.worker = Worker(till.world.database, handlers)
    registrar(mpesa=till.mpesa, settings=till.settings)()
    return street


def pays(street: Street, amount: int, account: str = "0708374149") -> str:
    """From the phone's M-Pesa menu; the code that Daraja was answered with."""
    order = {"amount": amount, "account": account}
    made = street.remote.post(f"/control/handsets/{PHONE}/pay", **order)
    street.goes_on()
    street.goes_on(seconds=6)
    return str(made["result_code"])


def test_what_a_phone_pays_is_credited_once_it_is_proven(paybill: Street) -> None:
    assert pays(paybill, 500) == "0"
    assert paybill.till.wallet == kes(500)
    assert paybill.taken_from_phone() == 500


def test_an_invented_payment_moves_nothing(paybill: Street) -> None:
    paybill.faults(c2b="forged")
    pays(paybill, 500)
    assert paybill.till.world.count("paybill_payment") == 1
    assert paybill.taken_from_phone() == 0
    assert paybill.till.wallet == kes(0)


def test_what_could_not_be_credited_stays_on_the_phone(paybill: Street) -> None:
    paybill.remote.put("/control/settings", c2b_validation=True)
    paybill.remote.set_handset(PHONE, mpesa_balance=200_000)
    assert pays(paybill, 500, "0799999999") == "C2B00012"
    assert pays(paybill, 150_001) == "C2B00013"
    assert paybill.taken_from_phone() == 0
    assert pays(paybill, 500) == "0"
    assert paybill.till.wallet == kes(500)


def test_a_paid_prompt_is_told_twice_and_credited_once(paybill: Street) -> None:
    paybill.remote.put("/control/settings", c2b_for_stk=True)
    paybill.phone_will("approve")
    paybill.deposits(1000)
    paybill.goes_on(seconds=6)
    assert paybill.till.wallet == kes(1000)
    assert paybill.till.world.count("paybill_payment") == 1
    assert paybill.till.world.count("status_question") == 0


def test_a_lost_callback_is_made_good_by_the_paybill(paybill: Street) -> None:
    paybill.remote.put("/control/settings", c2b_for_stk=True)
    paybill.faults(callback="drop")
    paybill.phone_will("approve")
    deposit = paybill.deposits(1000)
    paybill.goes_on(seconds=6)
    assert paybill.till.state(deposit) == "succeeded"
    assert paybill.till.now(deposit).receipt is not None
    assert paybill.till.wallet == kes(1000)


def test_daraja_takes_our_addresses_once(paybill: Street) -> None:
    with pytest.raises(NotRegistered):
        registrar(mpesa=paybill.till.mpesa, settings=paybill.till.settings)()
