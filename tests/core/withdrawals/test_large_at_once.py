"""A large withdrawal while several people decide, and while those who decide are killed."""

import subprocess
import sys

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.money import kes
from core.provider.decide import DecisionOutcome
from core.withdrawals.answers import PaidOut
from core.withdrawals.check_sim import SimAnswer
from core.withdrawals.records import Withdrawal
from tests.chaos.callers import waiting
from tests.chaos.street import at_once, eventually
from tests.core.ledger.test_attacks import attempt
from tests.core.withdrawals.office import Office
from tests.core.withdrawals.teller import Teller
from tests.core.withdrawals.test_races import ROUNDS, in_open_withdrawals, tried
from tests.laptop.supervisor import ROOT

# What an operator's command does, in a process that can be killed.
DECIDES = """
import sys
from core.database import in_transaction, open_database
from core.staff.records import find_admin
from core.withdrawals.approve_large import approve_release, refuse_release

url, act, withdrawal_id = sys.argv[1], sys.argv[2], int(sys.argv[3])

def decide(connection):
    by = find_admin(connection, email="juma@kibeezy.test")
    if act == "approves":
        return approve_release(connection, withdrawal_id=withdrawal_id, by=by)
    return refuse_release(connection, withdrawal_id=withdrawal_id, why="Looks wrong", by=by)

in_transaction(open_database(url), decide)
"""


def orders(teller: Teller) -> int:
    """How often the worker was asked to find out about the SIM, which leads to one payment."""
    return len(teller.column("SELECT id FROM outbox WHERE kind = 'sim_swap_ask'"))


def money_is_there_once(office: Office, large: Withdrawal) -> None:
    teller = office.teller
    state = teller.state(large)
    assert teller.held == in_open_withdrawals(teller)
    left = {"requested": kes(500), "cancelled": kes(1000), "failed": kes(1000)}
    assert teller.money == left[state]
    assert teller.money + teller.held == kes(1000)
    teller.world.ledger_is_sound()


@pytest.mark.parametrize("_round", ROUNDS)
def test_two_approve_at_once_and_one_has_released_it(
    office: Office, large: Withdrawal, _round: int
) -> None:
    office.proposes(large)
    said = at_once(
        tried(lambda: office.approves(large)),
        tried(lambda: office.approves(large, by=office.wanja)),
    )
    assert sorted(said) == ["AlreadyReleased", "done"]
    assert orders(office.teller) == 1
    money_is_there_once(office, large)


@pytest.mark.parametrize("_round", ROUNDS)
def test_one_approves_and_others_refuse_and_exactly_one_of_them_wins(
    office: Office, large: Withdrawal, _round: int
) -> None:
    office.proposes(large)
    approved, *refused = at_once(
        tried(lambda: office.approves(large)),
        tried(lambda: office.refuses(large, by=office.juma)),
        tried(lambda: office.refuses(large, by=office.wanja)),
    )
    assert [approved, *refused].count("done") == 1, (approved, refused)
    state = office.teller.state(large)
    assert state == ("requested" if approved == "done" else "cancelled")
    assert orders(office.teller) == (approved == "done")
    money_is_there_once(office, large)


@pytest.mark.parametrize("_round", ROUNDS)
def test_a_refusal_and_two_peoples_failure_give_the_money_back_once(
    office: Office, large: Withdrawal, _round: int
) -> None:
    refused, failed = at_once(
        tried(lambda: office.refuses(large)),
        lambda: str(office.teller.people_say(large, DecisionOutcome.FAILED)),
    )
    ends = {("done", "False"): "cancelled", ("NotWaitingForPeople", "True"): "failed"}
    assert office.teller.state(large) == ends[refused, failed]
    money_is_there_once(office, large)


@pytest.mark.parametrize("act", ["approves", "refuses"])
def test_whoever_is_killed_while_deciding_has_decided_nothing(
    office: Office, large: Withdrawal, act: str
) -> None:
    teller = office.teller
    office.proposes(large)
    url = teller.world.settings.database_url
    command = [sys.executable, "-c", DECIDES, url, act, str(large.id)]
    with teller.world.owner.connect() as connection:
        connection.execute(text("LOCK TABLE outbox IN SHARE ROW EXCLUSIVE MODE"))
        with subprocess.Popen(command, cwd=ROOT) as doomed:
            eventually(lambda: waiting(teller.world, "relation"))
            assert doomed.poll() is None, "it was done before it could be killed"
            doomed.kill()
        connection.rollback()
    # The server sees that its client has gone when it answers.
    eventually(lambda: not waiting(teller.world, "relation"))
    assert (teller.state(large), teller.held, orders(teller)) == ("requested", kes(500), 0)
    for _repeat in range(2):
        getattr(office, act)(large)
    assert orders(teller) == (act == "approves")
    money_is_there_once(office, large)


def test_a_released_one_is_paid_once_whoever_answers_first(
    office: Office, large: Withdrawal
) -> None:
    teller = office.teller
    office.proposes(large)
    office.approves(large)
    teller.is_asked_about_its_sim(large)
    at_once(
        lambda: teller.sim_is(large, SimAnswer.NOT_SWAPPED),
        tried(lambda: office.refuses(large)),
        tried(lambda: office.approves(large)),
    )
    assert teller.is_sent(large) is not None
    teller.is_accepted(large)
    teller.hears(large, PaidOut())
    assert (teller.state(large), teller.money, teller.held) == ("paid", kes(500), kes(0))


UNRELEASED = "UPDATE withdrawal SET state = 'queued' WHERE id = {id}"
PROPOSED = (
    "INSERT INTO decision (withdrawal_id, player_id, outcome, evidence, proposed_by)"
    " VALUES ({id}, {player}, 'released', 'x', {neema})"
)
AGREED = (
    "UPDATE decision SET agreed_by = {by}, agreed_at = kibeezy_now()"
    " WHERE withdrawal_id = {id} AND outcome = 'released'"
)


def tries(office: Office, large: Withdrawal, *statements: str, **values: object) -> str | None:
    """As the application's own login, past all of its rules."""
    known = {"id": large.id, "player": large.player_id, "neema": office.neema.id, **values}
    return attempt(office.teller.world.database, *(each.format(**known) for each in statements))


def test_the_database_itself_lets_nothing_large_go_before_two_released_it(
    office: Office, large: Withdrawal
) -> None:
    office.teller.world.has_player("+254700000999")
    stranger = office.teller.world.player("+254700000999").id
    refused = {
        "at once": (UNRELEASED,),
        "called small": ("UPDATE withdrawal SET needs_release = false WHERE id = {id}",),
        "proposed only": (PROPOSED, UNRELEASED),
        "by one": (PROPOSED, AGREED.replace("{by}", "{neema}"), UNRELEASED),
        "about another player": (
            PROPOSED.replace("{player}", str(stranger)),
            AGREED.replace("{by}", str(office.juma.id)),
            UNRELEASED,
        ),
        "by another decision": (
            PROPOSED.replace("released", "failed"),
            AGREED.replace("released", "failed").replace("{by}", str(office.juma.id)),
            UNRELEASED,
        ),
    }
    said = {name: tries(office, large, *attack) for name, attack in refused.items()}
    assert said == {name: "23514" if name == "by one" else "KB006" for name in refused}
    both = (PROPOSED, AGREED.replace("{by}", str(office.juma.id)))
    assert tries(office, large, *both, refused["called small"][0]) == "KB006", "not even then"
    assert tries(office, large, *both, UNRELEASED) is None


def test_the_players_own_admin_is_kept_from_it_by_the_database(
    office: Office, large: Withdrawal
) -> None:
    herself = office.teller.world.has_admin(
        "player@kibeezy.test", office.juma.role, phone=office.teller.phone
    )
    assert tries(office, large, PROPOSED, neema=herself.id) == "KB007"
    assert tries(office, large, PROPOSED, AGREED, by=herself.id) == "KB007"


def test_whether_it_is_large_is_the_databases_to_say(office: Office, large: Withdrawal) -> None:
    columns = (
        "player_id, amount_cents, fee_cents, tax_cents, withholding_bps, hold_transfer_id,"
        " request_key, originator_id, token"
    )
    again = (
        f"INSERT INTO withdrawal ({columns}, needs_release, state)"
        " SELECT player_id, amount_cents, fee_cents, tax_cents, withholding_bps, hold_transfer_id,"
        " 'again', 'AGAIN', repeat('0', 32), false, '{state}' FROM withdrawal WHERE id = {id}"
    )
    assert tries(office, large, again, state="queued") == "KB006"
    # Refused for the hold, which is the first one's: past the guard.
    assert tries(office, large, again, state="requested") == "23505"


def test_web_of_the_release_before_takes_nothing_rather_than_pay_it(office: Office) -> None:
    """It knows nothing of large ones, and queues what is too small for a question."""
    teller = office.teller
    asked = teller.asks(kes(500))
    with pytest.raises(DBAPIError, match="not released by two people"):
        teller.is_queued(asked)
    assert (teller.state(asked), teller.held) == ("requested", kes(500))
