"""Whatever happens, how often and in which order: held, paid or given back, and paid once."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import count

from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from sqlalchemy import text

from core.config.rules import Dated
from core.money import Money, kes
from core.provider.decide import DecisionOutcome
from core.provider.status_answers import Fate
from core.provider.store_callback import CallbackKind
from core.text import Text
from core.withdrawals.answers import NotKnown, PaidOut
from core.withdrawals.check_sim import SimAnswer, sim_not_asked
from core.withdrawals.records import Withdrawal
from core.withdrawals.rules import WithdrawalsPaused, WithdrawalState
from core.withdrawals.send_payout import payout_postponed, payout_refused, payout_unknown
from core.withdrawals.withdrawable import withdrawable
from tests.core.withdrawals.teller import NO_ACCOUNT, THOUSAND, Teller, sets
from tests.world import World

SIM = ("swapped", "not swapped", "unclear", "question taken", "unanswered")
CALL = ("send", "ack", "ack of another id", "busy", "refuse", "unknown")
RESULTS = ("paid", "failed", "unlisted", "another amount", "another id", "second receipt")
STATUS = ("completed", "failed", "live", "unclear", "another payout", "nameless")
EVENTS = (
    *(f"sim {word}" for word in SIM),
    *(f"call {word}" for word in CALL),
    *(f"result {word}" for word in RESULTS),
    *(f"status {word}" for word in STATUS),
    "people paid",
    "people failed",
    "queue timeout",
    "spends",
    "a minute",
    "an hour",
    "a day",
)
PROVES_PAID = {"result paid", "result second receipt", "status completed"}
PROVES_FAILED = {"call refuse", "result failed", "status failed"}
PAID, RELEASED = "paid", "released"
# What must stand in the books, by the state: payments, releases, clawbacks.
BOOKED = {
    "paid": (1, 0, 0),
    "failed": (0, 1, 0),
    "cancelled": (0, 1, 0),
    "paid_after_release": (0, 1, 1),
}
NOT_BOOKED = (0, 0, 0)
OUT = {"paid", "paid_after_release"}
IN_DOUBT = {"sending", "accepted", "unknown", "manual"}
_phones = count(254_733_000_000)


@dataclass
class Story:
    """One withdrawal, and what only the test knows: whether a call is under way, what is spent."""

    teller: Teller
    asked: Withdrawal
    is_calling: bool = False
    spent: Money = field(default_factory=lambda: kes(0))

    def now(self) -> Withdrawal:
        return self.teller.now(self.asked)


# Most stories should get as far as a call.
BEGINNINGS = st.sampled_from(
    [
        [],
        ["sim unanswered", "call send"],
        ["sim not swapped", "sim question taken", "call send", "call ack"],
        ["sim unanswered", "call send", "call busy", "call send"],
        ["sim unanswered", "call send", "result another amount", "a day"],
    ]
)


@given(beginning=BEGINNINGS, events=st.lists(st.sampled_from(EVENTS), max_size=9))
@how(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_pays_at_most_once_and_gives_back_on_proof_alone(
    world: World, beginning: list[str], events: list[str]
) -> None:
    _price_it(world)
    teller = Teller.of_a_new_player(world, phone=f"+{next(_phones)}")
    story = Story(teller, teller.asks(kes(600)))
    for event in [*beginning, *events]:
        before, had = story.now(), teller.money
        _happen(event, story)
        _is_accounted_for(story)
        _is_justified(event, before, story.now())
        if event in PROVES_PAID and before.state == "failed" and before.sent_at is not None:
            assert story.now().state == "paid_after_release", "paid twice, and nobody knows"
            assert teller.owes == kes(600) - min(had, kes(600))
    _happen("a day", story)
    assert story.now().state not in IN_DOUBT - {"manual"}, "nobody minds it"
    _is_accounted_for(story)


def _is_accounted_for(story: Story) -> None:
    """Every cent is in the wallet, held or out, and the books tell how it came there."""
    teller, now = story.teller, story.now()
    still_held = kes(0) if now.state in BOOKED else now.amount
    out = now.amount if now.state in OUT else kes(0)
    assert teller.held == still_held + story.spent
    assert teller.money + teller.held + out - teller.owes == THOUSAND
    booked = tuple(_posted(teller.world, now.id, what) for what in (PAID, RELEASED, "clawback"))
    assert booked == BOOKED.get(now.state, NOT_BOOKED)


def _is_justified(event: str, before: Withdrawal, now: Withdrawal) -> None:
    if before.state in OUT:
        assert now.state == before.state, f"{event} undid a payment"
    asked_for = before.sent_at is not None
    if event in PROVES_PAID and asked_for and before.state in IN_DOUBT | {"failed"}:
        assert now.state in OUT, f"{event} was not believed"
    if event.startswith("people") and before.state == "manual":
        assert now.state == event.removeprefix("people ")
    if now.state == before.state:
        return
    match now.state:
        case WithdrawalState.PAID | WithdrawalState.PAID_AFTER_RELEASE:
            assert event in PROVES_PAID | {"people paid"}
        case WithdrawalState.FAILED if event == "people failed":
            assert not asked_for or before.state == "manual", "people decided too early"
        case WithdrawalState.FAILED:
            assert event in PROVES_FAILED, f"given back on {event}"
            assert before.review is None, "given back under review"
        case WithdrawalState.CANCELLED:
            assert event in {"sim swapped", "sim question taken", "call send"}
            assert not asked_for, "cancelled after M-Pesa was asked"
        case WithdrawalState.MANUAL:
            assert event == "a day"
        case _:
            assert now.state not in BOOKED


def _happen(event: str, story: Story) -> None:
    teller, asked = story.teller, story.asked
    kind, _, word = event.partition(" ")
    match kind, word:
        case "sim", _:
            _sim(word, teller, asked)
        case "call", "send":
            with suppress(WithdrawalsPaused):
                story.is_calling = teller.is_sent(asked) is not None or story.is_calling
        case "call", _ if story.is_calling:
            _answer(word, teller, asked)
            story.is_calling = False
        case "result", _:
            _result(word, teller, asked)
        case "status", _:
            _status(word, teller, asked)
        case "people", _:
            teller.people_say(asked, DecisionOutcome(word))
        case "queue", _:
            teller.hears(asked, NotKnown("none"), kind=CallbackKind.B2C_TIMEOUT)
        case "spends", _:
            story.spent += _spend(teller)
        case "a" | "an", _:
            teller.world.moves(**{f"{word}s": 1})
            teller.is_left(asked)
        case _:
            pass


def _sim(word: str, teller: Teller, asked: Withdrawal) -> None:
    match word:
        case "question taken":
            teller.is_asked_about_its_sim(asked)
        case "unanswered":
            with teller.world.database.begin() as connection:
                sim_not_asked(connection, withdrawal_id=asked.id, because="test")
        case _:
            answer = SimAnswer(word.replace(" ", "_"))
            teller.sim_is(asked, answer, swapped_on=date.max if word == "swapped" else None)


def _answer(word: str, teller: Teller, asked: Withdrawal) -> None:
    with teller.world.database.begin() as connection:
        match word:
            case "busy":
                payout_postponed(connection, withdrawal_id=asked.id, code="500.003.02")
            case "refuse":
                payout_refused(
                    connection,
                    withdrawal_id=asked.id,
                    code="400.002.02",
                    reason=Text("M-Pesa could not pay now."),
                    ours=False,
                )
            case "unknown":
                payout_unknown(connection, withdrawal_id=asked.id, code="timeout")
            case _:
                pass
    if word.startswith("ack"):
        teller.is_accepted(asked, known_as=f"OTHER_{asked.id}" if "another" in word else None)


def _result(word: str, teller: Teller, asked: Withdrawal) -> None:
    match word:
        case "paid":
            teller.hears(asked, PaidOut())
        case "failed":
            teller.hears(asked, NO_ACCOUNT)
        case "unlisted":
            teller.hears(asked, NotKnown("31337"))
        case "another amount":
            teller.hears(asked, PaidOut(), amount=kes(1))
        case "another id":
            teller.hears(asked, PaidOut(), originator_id="SOMEBODYELSES")
        case _:
            teller.hears(asked, PaidOut(), receipt=f"SECOND{asked.id:06}")


def _status(word: str, teller: Teller, asked: Withdrawal) -> None:
    match word:
        case "another payout":
            teller.status_is(asked, Fate.FAILED, originator_id="SOMEBODYELSES")
        case "nameless":
            teller.status_is(asked, Fate.FAILED, originator_id=None)
        case _:
            teller.status_is(asked, Fate(word), amount=asked.net)


def _spend(teller: Teller) -> Money:
    """Everything that may be withdrawn is, and waits."""
    player_id = teller.player_id
    with teller.world.database.connect() as connection:
        left = withdrawable(connection, player_id=player_id)
    if left < kes(100) or teller.paused_until is not None:
        return kes(0)
    return teller.asks(left).amount


def _price_it(world: World) -> None:
    if world.count("dated_value WHERE name = 'withdrawal_fee_kes'") == 0:
        sets(world, Dated.WITHDRAWAL_FEE_KES, 9)
        sets(world, Dated.WITHHOLDING_BPS, 500)


def _posted(world: World, withdrawal_id: int, what: str) -> int:
    query = text("SELECT count(*) FROM transfer WHERE scope = 'withdrawal' AND key = :key")
    with world.database.connect() as connection:
        key = {"key": f"{withdrawal_id}:{what}"}
        return int(connection.execute(query, key).scalar_one())
