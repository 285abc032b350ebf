"""Money that nobody was credited with, as two admins type it; and the paybill's addresses."""

from datetime import datetime

import pytest
import responses

from core.config.rules import Dated
from core.money import kes
from core.settings import Settings
from core.staff.records import Role
from tests.admin.operator import Operator
from tests.core.paybill.payer import is_heard, pays
from tests.payments.daraja import OAUTH
from tests.settings import NOWHERE
from tests.world import World

ASHA, BARAKA = "asha@kibeezy.test", "baraka@kibeezy.test"
WANJIRU = "+254700000001"
REGISTER = f"{NOWHERE}/mpesa/c2b/v2/registerurl"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """As everywhere, but without a line for each new token."""
    return settings.model_copy(update={"log_level": "WARNING"})


@pytest.fixture
def staffed(world: World) -> World:
    world.has_admin(ASHA, Role.FINANCE)
    world.has_admin(BARAKA, Role.OWNER)
    world.has_player(WANJIRU)
    return world


def test_from_suspense_into_the_wallet(operator: Operator, staffed: World) -> None:
    stray = pays(staffed, account="0700000O01")
    said = operator.types(f"suspense place {stray} 0700000001 --by {ASHA}")
    assert said == (
        f"Payment {stray} of KES 500 proposed for {WANJIRU}. Another admin must approve it.\n"
    )
    assert "Another admin than the one" in operator.is_refused(
        f"suspense approve {stray} --by {ASHA}"
    )
    table = operator.types("suspense list")
    for words in ("KES 500", "0700000O01", "unknown account", f"{ASHA} proposes {WANJIRU}"):
        assert words in table
    said = operator.types(f"suspense approve {stray} --by {BARAKA}")
    assert f"KES 500 placed with {WANJIRU}, ref " in said
    assert staffed.wallet(WANJIRU) == kes(500)
    assert operator.types("suspense list") == "Nothing waits in suspense.\n"
    assert f"Payment {stray} is placed" in operator.is_refused(
        f"suspense approve {stray} --by {BARAKA}"
    )
    assert "The ledger is sound" in operator.types("ledger verify")


def test_what_is_placed_is_told_with_the_excise_on_it(operator: Operator, staffed: World) -> None:
    staffed.always_had(Dated.EXCISE_BPS, 500)
    stray = pays(staffed, account="0700000O01")
    operator.types(f"suspense place {stray} 0700000001 --by {ASHA}")
    said = operator.types(f"suspense approve {stray} --by {BARAKA}")
    assert f"KES 500 placed with {WANJIRU}, less KES 25 of excise, ref " in said
    assert staffed.wallet(WANJIRU) == kes(475)


def test_the_json_list(operator: Operator, staffed: World) -> None:
    stray = pays(staffed, account="nobody")
    operator.types(f"suspense place {stray} {WANJIRU} --evidence 'She called' --by {ASHA}")
    [listed] = operator.reads("suspense list --json")
    assert datetime.fromisoformat(listed.pop("heard_at")).utcoffset() is not None
    assert listed.pop("receipt").startswith("SIMPLE")
    assert listed == {
        "id": stray,
        "amount_cents": 50_000,
        "account": "nobody",
        "payer": None,
        "state": "suspense",
        "reason": "unknown account",
        "paid_at": None,
        "proposed": {"phone": WANJIRU, "by": ASHA, "evidence": "She called"},
    }


def test_what_is_not_proven_is_marked_so(operator: Operator, staffed: World) -> None:
    is_heard(staffed, account=WANJIRU)
    assert operator.types("suspense list") == "Nothing waits in suspense.\n"
    staffed.moves(hours=1, seconds=1)
    assert "not proven yet" in operator.types("suspense list")
    [listed] = operator.reads("suspense list --json")
    assert (listed["state"], listed["reason"]) == ("heard", None)


def test_a_proposal_is_cancelled(operator: Operator, staffed: World) -> None:
    stray = pays(staffed, account="nobody")
    operator.types(f"suspense place {stray} {WANJIRU} --by {ASHA}")
    again = operator.is_refused(f"suspense place {stray} {WANJIRU} --by {BARAKA}")
    assert f"{ASHA} has proposed already" in again
    assert "nothing is proposed" in operator.types(f"suspense cancel {stray} --by {BARAKA}")
    operator.is_refused(f"suspense cancel {stray} --by {BARAKA}")
    operator.types(f"suspense place {stray} {WANJIRU} --by {BARAKA}")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("place 999 {player} --by {asha}", "There is no paybill payment 999."),
        ("approve 999 --by {asha}", "There is no paybill payment 999."),
        ("place {id} 0712 --by {asha}", "not a Kenyan mobile number"),
        ("place {id} 0799999999 --by {asha}", "There is no player +254799999999."),
        ("place {id} {player} --by nobody@kibeezy.test", "There is no admin"),
        ("approve {id} --by {asha}", "No decision about paybill"),
    ],
)
def test_what_is_wrong_is_one_line(
    operator: Operator, staffed: World, line: str, words: str
) -> None:
    stray = pays(staffed, account="nobody")
    typed = line.format(id=stray, player=WANJIRU, asha=ASHA)
    assert words in operator.is_refused(f"suspense {typed}")
    assert staffed.count("decision") == 0


def answers(status: int, body: object) -> responses.RequestsMock:
    wire = responses.RequestsMock()
    wire.add(responses.GET, OAUTH, json={"access_token": "token", "expires_in": 3599})
    wire.add(responses.POST, REGISTER, status=status, json=body)
    return wire


def test_daraja_is_told_our_addresses_and_the_terminal_is_not(operator: Operator) -> None:
    taken = {"OriginatorCoversationID": "1", "ResponseCode": "0", "ResponseDescription": "Success"}
    with answers(200, taken) as wire:
        said = operator.types("c2b register")
        sent = str(wire.calls[-1].request.body)
    assert said.splitlines() == [
        "Daraja will call:",
        "http://127.0.0.1:8000/payments/c2b/*****/confirmation",
        "http://127.0.0.1:8000/payments/c2b/*****/validation",
    ]
    for words in ('"ResponseType": "Completed"', '"ShortCode": "174379"', "/dev-c2b-secret/"):
        assert words in sent


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (
            500,
            {"errorCode": "500.003.1001", "errorMessage": "Urls are already registered"},
            "Daraja has URLs already: delete them on its portal first.",
        ),
        (
            500,
            {"errorCode": "500.003.1001", "errorMessage": "Internal Server Error"},
            "Daraja gave no clear answer: 500.003.1001.",
        ),
        (400, {"errorCode": "400.002.02", "errorMessage": "Bad"}, "Daraja refused: 400.002.02."),
        (200, {"ResponseCode": "1"}, "Daraja gave no clear answer: no_acknowledgement."),
    ],
)
def test_what_daraja_says_instead_is_one_line(
    operator: Operator, status: int, body: object, words: str
) -> None:
    with answers(status, body):
        assert operator.is_refused("c2b register") == f"Error: {words}"
