"""From dial to payout: two strangers sign up, deposit, bet, and one is paid."""

import json

import pytest

from core.money import Money, kes
from tests.chaos.street import Street
from tests.journeys.handset import code_on, handset, messages
from tests.phone import Phone
from tests.world import ASHA, BARAKA, PIN

pytestmark = pytest.mark.processes

WANJIRU, OTIENO = "+254712345678", "+254112345678"
PASSWORD = "correct horse battery\n"


def hires_two(street: Street) -> None:
    for email in (ASHA, BARAKA):
        street.types(
            *("admin", "create", "--email", email, "--role", "resolver", "--password-stdin"),
            stdin=PASSWORD,
        )


def opens_a_market(street: Street) -> str:
    said = street.types(
        *("market", "create", "--question", "Will Gor Mahia win on Sunday?"),
        *("--label", "Gor Mahia", "--closes-at", "2099-12-31T18:00+03:00", "--by", ASHA),
    )
    market_id = said.split()[1]
    street.types("market", "approve", market_id, "--by", BARAKA)
    return market_id


def ends(street: Street, market_id: str, outcome: str) -> str:
    street.types("market", "close", market_id, "--by", ASHA)
    evidence = ("--evidence", "The league's table")
    street.types("market", "propose", market_id, outcome, *evidence, "--by", ASHA)
    street.types("market", "resolve", market_id, "--by", BARAKA, "--dry-run")
    return street.types("market", "resolve", market_id, "--by", BARAKA)


def shown(street: Street, number: str) -> tuple[str, int]:
    found = json.loads(street.types("player", "show", number, "--json"))
    assert found["open_bets"] == []
    return found["language"], found["balance_cents"]


def pays_in(street: Street, phone: Phone, shillings: int, *, deposit: str) -> None:
    street.remote.set_handset(phone.number, next_answer="approve")
    phone.type(deposit).type(str(shillings)).has_hung_up()
    street.await_wallet(phone.number, kes(shillings))


def test_in_english(street: Street) -> None:
    hires_two(street)
    market_id = opens_a_market(street)
    wanjiru, otieno = handset(street, WANJIRU), handset(street, OTIENO)
    for phone, name in ((wanjiru, "Wanjiru Kamau"), (otieno, "Otieno Ouma")):
        phone.dial().shows("Welcome to Kibeezy").choose("Register").type(name).choose("Yes")
        phone.shows("Choose a 4-digit PIN").type(PIN).type(PIN).shows("the 6-digit code")
    wanjiru.type(code_on(street, WANJIRU)).shows("Your number is verified.")
    pays_in(street, wanjiru, 1000, deposit="2")
    # The other answers the SMS with the code instead.
    street.remote.post(f"/control/handsets/{OTIENO}/sms", text=code_on(street, OTIENO))
    pays_in(street, otieno.dial().shows("1. Bet"), 500, deposit="2")

    wanjiru.dial().choose("Bet").choose("Gor Mahia").choose("YES").type("100")
    wanjiru.shows("KES 100 on YES: Will Gor Mahia win on Sunday?").type(PIN)
    wanjiru.shows("Bet placed").shows("Balance KES 900").has_hung_up()
    otieno.dial().type("1").type(market_id).choose("NO").type("200").shows("About KES 270 if NO")
    otieno.type(PIN).shows("Bet placed").shows("Balance KES 300").has_hung_up()
    summary = ends(street, market_id, "yes")
    street.comes_to_rest()
    street.remote.post(f"/control/handsets/{WANJIRU}/sms", text="bal")

    assert "KES 270" in summary
    market = f"{market_id} Gor Mahia"
    code = "###### is your Kibeezy code. Type it on the menu or reply with it within 10 minutes."
    assert messages(street, WANJIRU)[0] == f"{code} Tell it to nobody."
    assert messages(street, WANJIRU)[1:] == [
        "Deposit of KES 1,000 received, M-Pesa #. Balance KES 1,000. Ref #.",
        f"Bet placed: KES 100 on YES, market {market}. Balance KES 900. Ref #.",
        f"Market {market}: result YES. Staked KES 100, paid KES 270. Balance KES 1,170. Ref #.",
        "Balance KES 1,170. Your number is verified.",
    ]
    assert messages(street, OTIENO)[-2:] == [
        f"Bet placed: KES 200 on NO, market {market}. Balance KES 300. Ref #.",
        f"Market {market}: result YES. Your KES 200 on NO lost. Balance KES 300. Ref #.",
    ]
    assert shown(street, WANJIRU) == ("en", 117_000)
    assert shown(street, OTIENO) == ("en", 30_000)
    wanjiru.dial().choose("My account").choose("Balance").type(PIN).shows("KES 1,170")
    assert "The ledger is sound" in street.types("ledger", "verify")


def test_in_swahili(street: Street) -> None:
    hires_two(street)
    market_id = opens_a_market(street)
    wanjiru, otieno = handset(street, WANJIRU), handset(street, OTIENO)
    for phone, name in ((wanjiru, "Wanjiru Kamau"), (otieno, "Otieno Ouma")):
        # The keys never vary, so they can be learnt by heart: 3 is the other language.
        phone.dial().type("3").lacks("Register").type("1").type(name).type("1").type(PIN).type(PIN)
        phone.type(code_on(street, phone.number))
        pays_in(street, phone, 1000, deposit="2")

    for phone, side, stake in ((wanjiru, "1", 250), (otieno, "2", 750)):
        phone.dial().type("1").type(market_id).type(side).type(str(stake)).shows(f"KES {stake}")
        phone.type(PIN).shows(f"KES {1000 - stake}").has_hung_up()
    ends(street, market_id, "no")

    assert shown(street, WANJIRU) == ("sw", 75_000)
    assert shown(street, OTIENO) == ("sw", 115_000)
    for number, balance in ((WANJIRU, Money(75_000)), (OTIENO, Money(115_000))):
        *_, bet, result = messages(street, number)
        assert f"{market_id} Gor Mahia" in bet
        assert f"{market_id} Gor Mahia" in result
        assert str(balance) in result
        # The words are the player's own, not the source's.
        assert "Bet placed" not in bet
        assert "result" not in result
    assert "The ledger is sound" in street.types("ledger", "verify")
