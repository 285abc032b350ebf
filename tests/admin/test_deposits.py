"""What an operator reads and decides about deposits."""

import pytest

from core.deposits.answers import Paid
from core.deposits.records import Deposit
from core.money import kes
from core.staff.records import Role
from tests.admin.operator import MISUSED, Operator
from tests.core.deposits.purse import CANCELLED, JUMA, NEEMA, Purse
from tests.world import World

PLAYER = "+254712345678"
EVIDENCE = "'M-Pesa portal, page 7'"


@pytest.fixture
def purse(world: World) -> Purse:
    for email in (NEEMA, JUMA):
        world.has_admin(email, Role.FINANCE)
    return Purse.of_a_new_player(world, phone=PLAYER)


@pytest.fixture
def frozen(purse: Purse) -> Deposit:
    """Credited by a callback, denied by a query, and partly spent in between."""
    deposit = purse.becomes_pending()
    purse.hears(deposit, Paid())
    purse.spends(kes(400))
    purse.is_answered(deposit, CANCELLED)
    return deposit


def test_a_program_reads_a_deposit(operator: Operator, frozen: Deposit) -> None:
    [listed] = operator.reads("deposit list --json")
    shown = operator.reads(f"deposit show {frozen.id} --json")
    timeline = shown.pop("timeline")
    assert listed == shown
    assert listed["requested_at"].endswith("+03:00")
    assert listed["succeeded_at"].endswith("+03:00")
    assert {name: listed[name] for name in listed if not name.endswith("_at")} == {
        "id": frozen.id,
        "phone": PLAYER,
        "amount_cents": 100_000,
        "excise_cents": 0,
        "frozen_cents": 60_000,
        "reference": frozen.reference,
        "state": "succeeded",
        "receipt": f"RECEIPT{frozen.id}",
        "review": "a query says failed (1032)",
    }
    assert listed["confirmed_at"] is None
    whats = [event["what"] for event in timeline]
    assert [what for what in whats if what != "look due"] == [
        "asked for",
        "deposit.pushed",
        "deposit.pending",
        "callback",
        "transfer",
        "deposit.succeeded",
        "deposit.review",
        "transfer",
        "deposit.frozen",
        "alarm.raised",
    ]
    assert {"what": "callback", "details": "credited"}.items() <= timeline[3].items()
    looks = {event["details"] for event in timeline if event["what"] == "look due"}
    assert looks == {"0", "credited"}, "one on schedule, one because of the credit"


def test_lists_are_narrowed_by_state_and_review(
    operator: Operator, purse: Purse, frozen: Deposit
) -> None:
    pending = purse.becomes_pending(kes(50))

    def ids(options: str) -> list[int]:
        return [one["id"] for one in operator.reads(f"deposit list {options} --json")]

    assert ids("") == [pending.id, frozen.id]
    assert ids("--state pending") == [pending.id]
    assert ids("--review") == [frozen.id]
    assert ids("--review --state pending") == []
    assert operator.types("deposit list --state failed") == "No deposits.\n"


def test_people_read_a_table_and_what_happened(operator: Operator, frozen: Deposit) -> None:
    listed = operator.types("deposit list")
    for words in (PLAYER, "KES 1,000", "KES 600 frozen", "a query says failed"):
        assert words in listed
    shown = operator.types(f"deposit show {frozen.id}")
    for words in (PLAYER, "KES 600", "asked for", "callback", "credited", "freeze", "alarm.raised"):
        assert words in shown


def test_two_people_confirm(operator: Operator, purse: Purse, frozen: Deposit) -> None:
    said = operator.types(
        f"deposit propose {frozen.id} confirmed --evidence {EVIDENCE} --by {NEEMA}"
    )
    assert said == f"Deposit {frozen.id}: confirmed proposed. Another admin must approve it.\n"
    approve = f"deposit approve {frozen.id} --by"
    assert "Another admin than the one who proposed it" in operator.is_refused(f"{approve} {NEEMA}")
    assert operator.types(f"{approve} {JUMA}") == (
        f"Deposit {frozen.id} is confirmed, as {NEEMA} proposed: M-Pesa portal, page 7\n"
    )
    assert (purse.money, purse.held) == (kes(600), kes(0))
    assert "No decision about deposit" in operator.is_refused(f"{approve} {JUMA}")
    timeline = operator.reads(f"deposit show {frozen.id} --json")["timeline"]
    acts = [event["what"] for event in timeline if event["what"] != "look due"]
    assert acts[-4:] == ["decision.proposed", "decision.agreed", "transfer", "deposit.proven"]


def test_two_people_reverse(operator: Operator, purse: Purse, frozen: Deposit) -> None:
    operator.types(f"deposit propose {frozen.id} reversed --evidence {EVIDENCE} --by {NEEMA}")
    operator.types(f"deposit approve {frozen.id} --by {JUMA}")
    assert (purse.money, purse.held, purse.owed) == (kes(0), kes(0), kes(400))
    assert "reversal" in operator.types(f"deposit show {frozen.id}")


def test_two_people_say_that_it_was_paid_with_its_receipt(operator: Operator, purse: Purse) -> None:
    lost = purse.becomes_pending()
    purse.is_left_alone(lost)
    propose = f"deposit propose {lost.id} confirmed --evidence {EVIDENCE} --by {NEEMA}"
    assert "receipt" in operator.is_refused(propose)
    operator.types(f"{propose} --receipt SGR7ABC123")
    operator.types(f"deposit approve {lost.id} --by {JUMA}")
    assert purse.now(lost).receipt == "SGR7ABC123"
    assert purse.money == kes(1000)


def test_refusals_are_one_line(operator: Operator, world: World, frozen: Deposit) -> None:
    world.has_admin("resolver@kibeezy.test", Role.RESOLVER)
    propose = f"deposit propose {frozen.id} failed --evidence {EVIDENCE} --by"
    assert "is succeeded" in operator.is_refused(f"{propose} {NEEMA}")
    confirm = f"deposit propose {frozen.id} confirmed --evidence {EVIDENCE} --by"
    assert "role resolver" in operator.is_refused(f"{confirm} resolver@kibeezy.test")
    assert "no deposit 99" in operator.is_refused("deposit show 99")
    operator.is_refused(f"deposit propose {frozen.id} paid --by {NEEMA}", status=MISUSED)
