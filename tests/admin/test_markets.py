"""A market from draft to settled, as two admins type it."""

import shlex
from collections.abc import Iterator
from datetime import datetime

import pytest

from app import Wiring, create_app
from core.database import now
from core.money import kes
from core.settings import Settings
from core.staff.records import Role
from tests.admin.operator import MISUSED, Operator
from tests.phone import Phone
from tests.world import ASHA, BARAKA, PIN, World

WANJIRU, OTIENO = "+254700000001", "+254700000002"
VIEWER = "viewer@kibeezy.test"
EVIDENCE = "--evidence 'The referee said so'"


def create(question: str = "Will it rain?", closes_at: str = "2099-12-31T18:00+03:00") -> str:
    return f"market create --question {shlex.quote(question)} --closes-at {closes_at} --by {ASHA}"


@pytest.fixture
def staffed(world: World) -> World:
    for email in (ASHA, BARAKA):
        world.has_admin(email)
    world.has_admin(VIEWER, Role.VIEWER)
    return world


def bets(phone: Phone, number: str, side: str, stake: int) -> None:
    phone.number = number
    phone.dial().choose("Bet").choose("Rain").choose(side).type(str(stake)).type(PIN)
    phone.shows("Bet placed")


def status(operator: Operator) -> str:
    [listed] = operator.reads("market list --json")
    return str(listed["status"])


def test_the_json_list_is_what_the_contract_promises(
    operator: Operator, world: World, phone: Phone
) -> None:
    market_id = world.has_market("Will it rain?", label="Rain", category="Weather")
    world.has_player(WANJIRU, balance=kes(500))
    bets(phone, WANJIRU, "YES", 120)

    [listed] = operator.reads("market list --json")

    assert str(datetime.fromisoformat(listed.pop("closes_at")).tzinfo) == "UTC+03:00"
    assert listed == {
        "id": market_id,
        "question": "Will it rain?",
        "category": "Weather",
        "status": "open",
        "pool_yes_cents": 12_000,
        "pool_no_cents": 0,
        "outcome": None,
    }
    assert market_id >= 101
    numbers = ("id", "pool_yes_cents", "pool_no_cents")
    assert {type(listed[key]) for key in numbers} == {int}


def test_from_draft_to_settled(operator: Operator, staffed: World, phone: Phone) -> None:
    said = operator.types(f"{create()} --label Rain --category weather --fee-bps 500")
    market_id = int(said.split()[1])
    assert said == f"Market {market_id} drafted: Will it rain? (list label: Rain)\n"
    assert "open until 2099-12-31T18:00:00+03:00" in operator.types(
        f"market approve {market_id} --by {BARAKA}"
    )
    for number, side in ((WANJIRU, "YES"), (OTIENO, "NO")):
        staffed.has_player(number, balance=kes(1000))
        bets(phone, number, side, 400)
    operator.types(f"market close {market_id} --by {ASHA}")
    operator.types(f"market propose {market_id} yes {EVIDENCE} --by {ASHA}")

    summary = operator.types(f"market resolve {market_id} --by {BARAKA}")

    for words in ("YES", "KES 800", "KES 760", "KES 40", WANJIRU):
        assert words in summary
    assert (staffed.wallet(WANJIRU), staffed.wallet(OTIENO)) == (kes(1360), kes(600))
    [listed] = operator.reads("market list --json --status settled")
    assert (listed["outcome"], listed["pool_yes_cents"]) == ("yes", 40_000)
    assert operator.reads("market list --json --status open") == []
    again = operator.is_refused(f"market resolve {market_id} --by {BARAKA}")
    assert again == f"Error: Market {market_id} is settled."
    assert "The ledger is sound" in operator.types("ledger verify")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (create(closes_at="2099-12-31T18:00"), "needs an offset, like 2026-12-31T18:00+03:00"),
        (create(closes_at="tomorrow"), "Write the time like 2026-12-31T18:00+03:00"),
        (create(closes_at="2001-12-31T18:00+03:00"), "has passed"),
        (create("Will the shit hit the fan?"), "a word that players should not read"),
        (create("x" * 61), "has 61 characters; 60 fit"),
        # A euro sign is sent as two septets.
        (create("€" * 31), "has 62 characters; 60 fit"),
        (create(""), "needs a question"),
        (create("Will 🙂 win?"), "Error: "),
        (f"{create()} --label {'x' * 19}", "1 to 18 characters"),
        (f"{create()} --label ''", "1 to 18 characters"),
        (f"{create()} --category {'x' * 19}", "1 to 18 characters"),
        (f"{create()} --fee-bps 10001", "0 to 10000 basis points"),
        (f"{create()} --by nobody@kibeezy.test", "There is no admin nobody@kibeezy.test"),
        (f"{create()} --by {VIEWER}", "role viewer may not"),
    ],
)
def test_a_wrong_draft_is_refused(
    operator: Operator, staffed: World, line: str, words: str
) -> None:
    assert words in operator.is_refused(line)
    assert staffed.count("market") == 0


@pytest.mark.parametrize("missing", ["--closes-at", "--question", "--by"])
def test_what_is_missing_is_named(operator: Operator, missing: str) -> None:
    words = shlex.split(create())
    at = words.index(missing)
    line = shlex.join(words[:at] + words[at + 2 :])
    assert missing in operator.is_refused(line, status=MISUSED)


@pytest.mark.parametrize(
    "line",
    [
        "approve 999 --by {admin}",
        "close 999 --by {admin}",
        "propose 999 yes {evidence} --by {admin}",
        "correct 999 yes {evidence} --by {admin}",
        "resolve 999 --by {admin}",
        "resolve 999 --by {admin} --dry-run",
    ],
)
def test_an_unknown_market_or_admin_and_a_wrong_role_are_one_line(
    operator: Operator, staffed: World, line: str
) -> None:
    def refusal(by: str) -> str:
        return operator.is_refused("market " + line.format(admin=by, evidence=EVIDENCE))

    assert refusal(BARAKA) == "Error: There is no market 999."
    assert refusal("nobody@kibeezy.test") == "Error: There is no admin nobody@kibeezy.test."
    if "dry-run" not in line:
        assert refusal(VIEWER) == "Error: An admin with the role viewer may not do that."
    assert staffed.count("market") == 0


def test_nobody_decides_alone(operator: Operator, staffed: World) -> None:
    market_id = int(operator.types(create()).split()[1])
    assert "created it" in operator.is_refused(f"market approve {market_id} --by {ASHA}")
    assert status(operator) == "draft"
    operator.types(f"market approve {market_id} --by {BARAKA}")
    operator.types(f"market close {market_id} --by {ASHA}")
    operator.types(f"market propose {market_id} no {EVIDENCE} --by {ASHA}")
    assert "proposed the result" in operator.is_refused(f"market resolve {market_id} --by {ASHA}")
    assert (status(operator), staffed.count("settlement")) == ("proposed", 0)


def test_who_has_a_bet_does_not_decide(operator: Operator, world: World, phone: Phone) -> None:
    market_id = world.has_market(label="Rain")
    world.has_player(WANJIRU, balance=kes(500))
    world.has_admin("wanjiru@kibeezy.test", phone=WANJIRU)
    bets(phone, WANJIRU, "YES", 100)
    operator.types(f"market close {market_id} --by {ASHA}")
    line = f"market propose {market_id} yes {EVIDENCE} --by wanjiru@kibeezy.test"
    assert "has a bet in this market" in operator.is_refused(line)
    assert status(operator) == "closed"


def test_a_dry_run_shows_the_summary_and_changes_nothing(
    operator: Operator, world: World, phone: Phone
) -> None:
    market_id = world.has_market(label="Rain")
    world.has_player(WANJIRU, balance=kes(500))
    bets(phone, WANJIRU, "YES", 100)
    operator.types(f"market close {market_id} --by {ASHA}")
    operator.types(f"market propose {market_id} yes {EVIDENCE} --by {ASHA}")
    before = world.everything_stored()

    said = operator.types(f"market resolve {market_id} --by {BARAKA} --dry-run")

    assert "Dry run for baraka@kibeezy.test: nothing was changed." in said
    assert "Refunds" in said, "a pool with one side gives every stake back"
    assert world.everything_stored() == before


def test_a_result_is_corrected_by_two_within_72_hours(
    operator: Operator, world: World, phone: Phone
) -> None:
    market_id = world.has_market(label="Rain")
    for number, side in ((WANJIRU, "YES"), (OTIENO, "NO")):
        world.has_player(number, balance=kes(500))
        bets(phone, number, side, 300)
    world.settles(market_id, "yes")
    correct = f"market correct {market_id} no {EVIDENCE} --by"
    assert "correction to NO proposed" in operator.types(f"{correct} {ASHA}")
    assert "proposed the result" in operator.is_refused(f"market resolve {market_id} --by {ASHA}")
    assert "market.correction_proposed" in operator.types(
        f"audit list --subject market:{market_id}"
    )
    keep = f"market keep {market_id} --reason 'The gauge was right' --by"
    assert "proposed the result" in operator.is_refused(f"{keep} {ASHA}")
    assert "is settled again, with its result YES" in operator.types(f"{keep} {BARAKA}")
    operator.types(f"{correct} {ASHA}")
    said = operator.types(f"market resolve {market_id} --by {BARAKA}")
    for words in ("is settled", "KES 540 of 1 players", "will be owed", "Net to pay"):
        assert words in said
    assert (world.wallet(WANJIRU), world.wallet(OTIENO)) == (kes(200), kes(740))
    world.moves(hours=73)
    assert "is final since 20" in operator.is_refused(f"{correct} {ASHA}")


def test_late_bets_are_named_and_refunded(operator: Operator, world: World, phone: Phone) -> None:
    market_id = world.has_market(label="Rain")
    world.has_player(WANJIRU, balance=kes(500))
    with world.database.connect() as connection:
        late_from = now(connection).isoformat()
    bets(phone, WANJIRU, "YES", 100)
    operator.types(f"market close {market_id} --by {ASHA}")
    propose = f"market propose {market_id} yes {EVIDENCE} --by {ASHA} --void-bets-from"
    assert "needs an offset" in operator.is_refused(f"{propose} 2026-12-31T18:00")
    assert "a time to come" in operator.is_refused(f"{propose} 2999-12-31T18:00+03:00")
    operator.types(f"{propose} {late_from}")
    said = operator.types(f"market resolve {market_id} --by {BARAKA}")
    assert "1 of KES 100" in said
    assert world.wallet(WANJIRU) == kes(500)


def test_void_goes_from_open_and_gives_every_stake_back(
    operator: Operator, world: World, phone: Phone
) -> None:
    market_id = world.has_market(label="Rain")
    for number, side in ((WANJIRU, "YES"), (OTIENO, "NO")):
        world.has_player(number, balance=kes(500))
        bets(phone, number, side, 300)
    early = operator.is_refused(f"market propose {market_id} yes {EVIDENCE} --by {ASHA}")
    assert "close it first, or propose void" in early

    operator.types(f"market propose {market_id} void {EVIDENCE} --by {ASHA}")
    operator.types(f"market resolve {market_id} --by {BARAKA}")

    assert (world.wallet(WANJIRU), world.wallet(OTIENO)) == (kes(500), kes(500))
    assert operator.reads("market list --json")[0]["outcome"] == "void"
    assert status(operator) == "voided"


def test_an_outcome_needs_evidence_and_one_of_three_words(operator: Operator, world: World) -> None:
    market_id = world.has_market()
    line = f"market propose {market_id}"
    assert "--evidence" in operator.is_refused(f"{line} void --by {ASHA}", status=MISUSED)
    assert "maybe" in operator.is_refused(f"{line} maybe {EVIDENCE} --by {ASHA}", status=MISUSED)
    empty = operator.is_refused(f"{line} void --evidence ' ' --by {ASHA}")
    assert "The evidence is a text of 1 to 500 characters." in empty


@pytest.fixture
def with_window(settings: Settings) -> Iterator[Operator]:
    app = create_app(settings.model_copy(update={"challenge_window_minutes": 30}))
    yield Operator(app.test_cli_runner())
    wiring = app.extensions["kibeezy"]
    assert isinstance(wiring, Wiring)
    wiring.close()


def test_inside_the_challenge_window_its_end_is_named(with_window: Operator, world: World) -> None:
    market_id = world.has_market()
    with_window.types(f"market close {market_id} --by {ASHA}")
    with_window.types(f"market propose {market_id} yes {EVIDENCE} --by {ASHA}")
    resolve = f"market resolve {market_id} --by {BARAKA}"

    refusal = with_window.is_refused(resolve)

    end = datetime.fromisoformat(refusal.removesuffix(".").split(" until ")[1])
    assert end.utcoffset() is not None
    assert status(with_window) == "proposed"
    world.moves(minutes=29)
    with_window.is_refused(resolve)
    world.moves(minutes=1, seconds=1)
    assert "is settled" in with_window.types(resolve)


def test_people_read_a_table(operator: Operator, world: World) -> None:
    assert operator.types("market list") == "No markets.\n"
    market_id = world.has_market("Is it [red]?")
    table = operator.types("market list")
    for words in (str(market_id), "Is it [red]?", "open", "KES 0"):
        assert words in table
