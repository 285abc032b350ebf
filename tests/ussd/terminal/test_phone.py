"""The handset in the terminal, fed by a pipe: what it shows, keeps and refuses."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from app import Wiring, create_app
from core.money import kes
from core.settings import Settings
from tests.admin.operator import MISUSED, REFUSED, Operator
from tests.phone import Phone
from tests.world import PIN, World

CANNOT = 2
WANJIRU = "+254700000001"
BET = f"1\n1\n1\n200\n{PIN}\n"


@pytest.fixture
def operator(app: Flask, world: World) -> Operator:
    """An operator in a world with one market and one player."""
    world.has_market(label="Gor Mahia wins")
    world.has_player(WANJIRU, balance=kes(500))
    return Operator(FlaskCliRunner(app))


def test_a_bet_is_placed_from_a_pipe(operator: Operator, world: World) -> None:
    said = operator.types("phone 0700000001", stdin=BET).splitlines()
    assert said[:8] == [
        "dial *384*2030#",
        "< Kibeezy",
        "< 1. Bet",
        "< 2. Deposit",
        "< 3. Withdraw",
        "< 4. My bets",
        "< 5. My account",
        "> 1",
    ]
    place = said.index("ends")
    assert said[place - 2] == "> PIN"
    assert said[place - 1].startswith("< Bet placed. Ref ")
    [sms] = said[place + 1 :]
    assert sms.startswith("sms Bet placed: KES 200 on YES")
    assert world.wallet(WANJIRU) == kes(300)


@pytest.mark.parametrize("number", ["0700000001", "+254700000001", "254700000001", "700000001"])
def test_the_number_is_taken_in_every_form(operator: Operator, number: str) -> None:
    assert "< 1. Bet" in operator.types(f"phone {number}")


def test_enter_dials_again_and_a_code_dials_that(operator: Operator) -> None:
    said = operator.types(
        "phone 0700000001", stdin=f"{BET}\n00\n1\n1\n1\n20\n{PIN}\n*384*2030*3#\n"
    )
    dialled = [line for line in said.splitlines() if line.startswith("dial")]
    assert dialled == ["dial *384*2030#", "dial *384*2030#", "dial *384*2030*3#"]
    assert "Withdraw how much?" in said


def test_the_first_code_may_be_a_shortcut(operator: Operator) -> None:
    said = operator.types("phone 0700000001 --code '*384*2030*1*101#'")
    assert "< Will Gor Mahia win on Sunday?" in said


def test_the_service_learns_that_the_last_page_was_seen(operator: Operator, phone: Phone) -> None:
    operator.types("phone 0700000001", stdin=BET)
    phone.dial().lacks("Your last bet").shows("1. Bet")


def test_only_new_sms_are_shown_and_each_once(operator: Operator) -> None:
    operator.types("phone 0700000001", stdin=BET)
    said = operator.types("phone 0700000001", stdin=f"{BET}\n")
    assert [line[:16] for line in said.splitlines() if line.startswith("sms")] == [
        "sms Bet placed: "
    ]


def test_where_the_code_comes_from_is_said(operator: Operator, world: World) -> None:
    world.has_player("+254700000002", verified=False)
    said = operator.types("phone 0700000002")
    assert "# The code is stored nowhere: read it in the SMS, sent by way of " in said
    assert f"{world.settings.at_base_url}.\n" in said


def test_a_record_names_secrets_and_what_differs_each_time(
    operator: Operator, tmp_path: Path
) -> None:
    file = tmp_path / "bet.txt"
    operator.types(f"phone 0700000001 --record {file}", stdin=BET)
    lines = file.read_text().splitlines()
    assert lines[:3] == ["phone 0700000001", "", "dial *384*2030#"]
    assert "> PIN" in lines
    assert "< Closes TIME" in lines
    assert "< Bet placed. Ref REF. KES 200 on YES. Balance KES 300. Good luck!" in lines
    assert lines[-1].endswith("Ref REF.")


def test_a_pin_stays_out_of_the_record_wherever_it_is_typed(
    operator: Operator, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    # Typed on the list of markets; with a star; wrong; and as it should be.
    file = tmp_path / "slips.txt"
    said = operator.types(
        f"phone 0700000001 --record {file}",
        stdin=f"1\n{PIN}\n{PIN}*{PIN}\n1\n1\n20\n7391\n1\n{PIN}\n",
    )
    assert "Bet placed" in said
    assert PIN not in file.read_text()
    assert "7391" not in file.read_text()
    assert "There is no market with that number." in file.read_text()
    _out, logged = capfd.readouterr()
    assert PIN not in logged


def test_who_leaves_in_the_middle_is_on_record(
    operator: Operator, phone: Phone, tmp_path: Path
) -> None:
    file = tmp_path / "left.txt"
    operator.types(f"phone 0700000001 --record {file}", stdin="1\n1\n1\n")
    assert file.read_text().endswith("hangs up\n")
    phone.dial().shows("Continue: bet on YES: Gor Mahia wins")


def test_bytes_that_are_no_text_are_no_stack_trace(operator: Operator) -> None:
    done = operator.runner.invoke(args=["phone", "0700000001"], input=b"\xff\xfe\n\x00\n1\n")
    assert done.exit_code == 0, done.output


def test_what_is_refused_is_one_line(operator: Operator, tmp_path: Path) -> None:
    assert "not a Kenyan mobile number" in operator.is_refused("phone 12345")
    line = operator.is_refused("phone 0700000001 --code '*999#'")
    assert line == "Error: Dial *384*2030#, or digits behind it."
    nowhere = tmp_path / "none" / "file.txt"
    line = operator.is_refused(f"phone 0700000001 --record {nowhere}", status=REFUSED)
    assert line == f"Error: {nowhere}: No such file or directory."
    assert operator.is_refused("phone", status=MISUSED)


def test_nobody_speaks_for_a_player_where_the_public_can_call(settings: Settings) -> None:
    public = settings.model_copy(update={"public_url": "https://hooks.example.co.ke"})
    app = create_app(public)
    line = Operator(FlaskCliRunner(app)).is_refused("phone 0700000001", status=CANNOT)
    assert line == "Error: PUBLIC_URL is not this machine, and this speaks for any number."
    wiring = app.extensions["kibeezy"]
    assert isinstance(wiring, Wiring)
    wiring.close()


def test_the_help_says_what_it_is_for(operator: Operator) -> None:
    said = re.sub(r"\s+", " ", operator.types("phone --help"))
    for words in ("A handset in the terminal", "--code", "--record", "PUBLIC_URL is this machine"):
        assert words in said
