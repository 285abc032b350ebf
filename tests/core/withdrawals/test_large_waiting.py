"""What waits for people calls them, and they see it."""

from datetime import timedelta

from core.database import in_transaction
from core.money import kes
from core.withdrawals.judge_status import tell_if_waiting
from core.withdrawals.large_waiting import waiting
from core.withdrawals.records import Withdrawal
from tests.core.withdrawals.office import Office
from tests.core.withdrawals.teller import Teller
from tests.core.withdrawals.test_large import messages


def alarms(teller: Teller) -> list[str]:
    return teller.column("SELECT kind FROM alarm ORDER BY id")


def patience_ends(teller: Teller, asked: Withdrawal) -> None:
    in_transaction(teller.world.database, lambda c: tell_if_waiting(c, withdrawal_id=asked.id))


def test_a_person_is_called_to_what_waits_too_long_and_the_player_is_told_nothing_new(
    office: Office, large: Withdrawal
) -> None:
    teller = office.teller
    [due] = teller.column(
        "SELECT extract(epoch FROM due_at - created_at)::int::text FROM outbox"
        " WHERE kind = 'withdrawal_waits'"
    )
    assert timedelta(seconds=int(due)) == timedelta(minutes=30)
    teller.world.moves(minutes=30)
    patience_ends(teller, large)
    assert (alarms(teller), len(messages(teller))) == (["withdrawal_release"], 1)
    [why] = teller.column("SELECT why FROM alarm")
    assert why == "KES 500 has waited 30 minutes for two people to release it."


def test_once_released_it_is_waited_for_as_any_other(office: Office, large: Withdrawal) -> None:
    teller = office.teller
    office.proposes(large)
    office.approves(large)
    assert teller.column("SELECT key FROM outbox WHERE kind = 'withdrawal_waits' ORDER BY id") == [
        f"withdrawal_waits:{large.id}",
        f"withdrawal_waits:{large.id}:released",
    ]
    patience_ends(teller, large)
    assert (alarms(teller), len(messages(teller))) == (["withdrawal_queued"], 2)


def test_people_see_what_waits_and_what_is_proposed(office: Office, large: Withdrawal) -> None:
    teller = office.teller
    second = teller.asks(kes(500))

    def listed() -> list[tuple[int, str | None]]:
        with teller.world.database.connect() as connection:
            found = waiting(connection)
        assert {one.phone for one in found} <= {teller.phone}
        return [
            (one.withdrawal.id, None if one.proposal is None else one.proposal.why) for one in found
        ]

    office.proposes(second, why="Called the player")
    assert listed() == [(large.id, None), (second.id, "Called the player")]
    office.approves(second)
    assert listed() == [(large.id, None)], "what is released waits no more, though it is requested"
    office.refuses(large)
    assert listed() == []
