"""What counts as proof that a withdrawal was paid or was not, and what is done about it once."""

from datetime import timedelta

import pytest

from core.database import in_transaction
from core.money import kes
from core.provider.decide import DecisionOutcome
from core.provider.receipts import NotAReceipt, ReceiptTaken
from core.provider.status_answers import Fate
from core.staff.records import Role
from core.withdrawals.answers import HeardPayout, PaidOut
from core.withdrawals.check_sim import SimAnswer
from core.withdrawals.decide_withdrawal import propose_withdrawal_outcome
from core.withdrawals.judge_result import Verdict
from core.withdrawals.judge_status import tell_if_waiting
from core.withdrawals.rules import WithdrawalsPaused
from core.withdrawals.send_payout import payout_postponed, payout_refused
from tests.core.withdrawals.teller import NO_ACCOUNT, NO_FLOAT, Teller, find_or_make
from tests.world import ASHA


def test_a_result_is_judged_once(teller: Teller) -> None:
    asked = teller.goes_out()
    heard = HeardPayout(
        PaidOut(), originator_id=asked.originator_id, receipt="PAID000001", amount=kes(500)
    )
    kept = teller.keeps(asked)
    assert teller.judges(kept, heard) is Verdict.PAID
    assert teller.judges(kept, heard) is None
    assert teller.column("SELECT verdict FROM provider_callback") == ["paid"]


def test_a_payment_that_nobody_asked_for_moves_nothing_and_is_looked_at(teller: Teller) -> None:
    never_sent = teller.asks()
    cancelled = teller.asks(kes(300))
    teller.is_asked_about_its_sim(cancelled)
    teller.sim_is(cancelled, SimAnswer.SWAPPED)
    for asked in (never_sent, cancelled):
        before = teller.now(asked)
        assert teller.hears(asked, PaidOut()) is Verdict.REVIEW
        assert (teller.state(asked), before.review) == (before.state, None)
        assert teller.now(asked).review is not None
    assert (teller.money, teller.held, teller.owes) == (kes(500), kes(500), kes(0))


def test_a_refusal_that_comes_after_a_doubt_gives_nothing_back(teller: Teller) -> None:
    asked = teller.asks()
    teller.is_queued(asked)
    teller.is_sent(asked)
    # Another worker takes the first for dead, and the answer of its call comes late.
    assert teller.is_sent(asked) is None
    for _repeat in range(2):
        with teller.world.database.begin() as connection:
            payout_refused(
                connection,
                withdrawal_id=asked.id,
                code="400.002.02",
                reason=NO_FLOAT.reason,
                ours=True,
            )
    assert (teller.state(asked), teller.held) == ("unknown", kes(500))
    assert teller.now(asked).review is not None
    assert teller.column("SELECT by FROM switch WHERE stopped_at IS NOT NULL") == []


def test_a_late_acceptance_lifts_a_doubt(teller: Teller) -> None:
    asked = teller.asks()
    teller.is_queued(asked)
    teller.is_sent(asked)
    teller.is_sent(asked)
    teller.is_accepted(asked)
    assert teller.state(asked) == "accepted"
    assert teller.now(asked).conversation_id == f"AG_{asked.id}"


@pytest.mark.parametrize("sent_twice", [False, True])
def test_after_a_day_it_is_a_person_s_whatever_its_doubt(
    teller: Teller,
    sent_twice: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    asked = teller.asks()
    teller.is_queued(asked)
    teller.is_sent(asked)
    if sent_twice:
        teller.is_sent(asked)
    teller.world.moves(hours=23, minutes=59)
    assert not teller.is_left(asked)
    teller.world.moves(minutes=1)
    assert teller.is_left(asked)
    assert not teller.is_left(asked)
    assert (teller.state(asked), teller.held) == ("manual", kes(500))
    assert teller.column("SELECT kind FROM alarm") == ["withdrawal_manual"]


@pytest.mark.parametrize(
    ("outcome", "ends", "money"), [("paid", "paid", 500), ("failed", "failed", 1000)]
)
def test_people_may_decide_what_is_under_review(
    teller: Teller, outcome: str, ends: str, money: int
) -> None:
    asked = teller.goes_out()
    teller.hears(asked, PaidOut(), amount=kes(1))
    assert teller.status_is(asked, Fate.FAILED) is Verdict.DISAGREES
    assert not teller.people_say(asked, DecisionOutcome(outcome)), "M-Pesa may still tell"
    teller.world.moves(days=1)
    teller.is_left(asked)
    assert teller.people_say(asked, DecisionOutcome(outcome))
    assert (teller.state(asked), teller.money, teller.held) == (ends, kes(money), kes(0))
    assert teller.now(asked).review is None


def test_people_end_the_review_of_what_stays_paid(teller: Teller) -> None:
    asked = teller.goes_out()
    teller.hears(asked, PaidOut())
    assert not teller.people_say(asked, DecisionOutcome.PAID), "nothing is under review"
    assert teller.hears(asked, NO_ACCOUNT) is Verdict.DISAGREES
    assert not teller.people_say(asked, DecisionOutcome.FAILED), "what is paid stays paid"
    assert teller.people_say(asked, DecisionOutcome.PAID)
    assert teller.now(asked).review is None
    assert (teller.state(asked), teller.money, teller.held) == ("paid", kes(500), kes(0))


def test_people_may_give_back_what_was_never_sent(teller: Teller) -> None:
    waits, queued = teller.asks(kes(100)), teller.asks(kes(200))
    teller.is_queued(queued)
    for asked in (waits, queued):
        assert not teller.people_say(asked, DecisionOutcome.PAID), "nobody was asked to pay"
        assert teller.people_say(asked, DecisionOutcome.FAILED)
        assert teller.state(asked) == "failed"
        assert teller.is_sent(asked) is None
    assert (teller.money, teller.held) == (kes(1000), kes(0))


def test_people_may_not_give_back_what_is_to_be_sent_again(teller: Teller) -> None:
    asked = teller.asks()
    teller.is_queued(asked)
    teller.is_sent(asked)
    in_transaction(
        teller.world.database,
        lambda c: payout_postponed(c, withdrawal_id=asked.id, code="busy"),
    )
    assert not teller.people_say(asked, DecisionOutcome.FAILED)
    assert (teller.state(asked), teller.held) == ("queued", kes(500))


def test_who_says_paid_names_the_receipt(teller: Teller) -> None:
    asked = teller.goes_out()
    teller.world.moves(days=1)
    teller.is_left(asked)
    finance = find_or_make(teller.world, ASHA, Role.FINANCE)
    for receipt in (None, " ", "SGR7", "SGR7ABC12 3", "SGR7ABC\u0660"):
        with pytest.raises(NotAReceipt), teller.world.database.begin() as connection:
            propose_withdrawal_outcome(
                connection,
                withdrawal_id=asked.id,
                outcome=DecisionOutcome.PAID,
                evidence="seen in the portal",
                by=finance,
                receipt=receipt,
            )


def test_who_says_paid_names_no_receipt_of_another_payment(teller: Teller) -> None:
    paid, asked = teller.goes_out(kes(100)), teller.goes_out(kes(200))
    teller.hears(paid, PaidOut(), receipt="PAID000001")
    teller.world.moves(days=1)
    teller.is_left(asked)
    finance = find_or_make(teller.world, ASHA, Role.FINANCE)
    with pytest.raises(ReceiptTaken), teller.world.database.begin() as connection:
        propose_withdrawal_outcome(
            connection,
            withdrawal_id=asked.id,
            outcome=DecisionOutcome.PAID,
            evidence="seen in the portal",
            by=finance,
            receipt="paid000001",
        )


def test_a_pause_ends_what_waits_to_be_sent_and_holds_what_is_sent_again(teller: Teller) -> None:
    waits, again = teller.asks(kes(100)), teller.asks(kes(200))
    for asked in (waits, again):
        teller.is_queued(asked)
    teller.is_sent(again)
    in_transaction(
        teller.world.database,
        lambda c: payout_postponed(c, withdrawal_id=again.id, code="busy"),
    )
    paused_until = teller.now(waits).now + timedelta(days=1)
    teller.becomes(withdrawals_paused_until=paused_until)
    assert teller.is_sent(waits) is None
    with pytest.raises(WithdrawalsPaused):
        teller.is_sent(again)
    assert (teller.state(waits), teller.state(again)) == ("cancelled", "queued")
    assert (teller.money, teller.held) == (kes(800), kes(200))
    teller.world.moves(days=1)
    assert teller.is_sent(again) is not None


def test_a_doubt_leads_to_a_question_and_a_later_one_to_another(teller: Teller) -> None:
    asked = teller.goes_out()
    questions = "SELECT kind FROM outbox WHERE key LIKE 'withdrawal_status:%:doubt:%'"
    for many in (1, 1, 2):
        assert teller.judges(teller.keeps(asked), None) is Verdict.ASKED
        assert len(teller.column(questions)) == many
        teller.world.moves(minutes=5)


def test_somebody_is_told_of_what_waits_before_it_is_sent(teller: Teller) -> None:
    asked = teller.asks()
    assert teller.column("SELECT kind FROM outbox WHERE kind = 'withdrawal_waits'") != []
    for _killed_before_it_said_so in range(2):
        in_transaction(teller.world.database, lambda c: tell_if_waiting(c, withdrawal_id=asked.id))
    assert teller.column("SELECT kind FROM alarm") == ["withdrawal_queued"]
    assert len(teller.column("SELECT id FROM sms_out WHERE kind = 'withdrawal_waits'")) == 1


def test_a_fault_of_ours_is_stopped_for_once_however_often_it_is_heard(teller: Teller) -> None:
    first, second = teller.goes_out(kes(100)), teller.goes_out(kes(100))
    for asked in (first, second, first):
        teller.hears(asked, NO_FLOAT)
    stops = "SELECT actor FROM audit_event WHERE act = 'switch.stopped'"
    assert teller.column(stops) == ["payouts"]
    assert teller.money == kes(1000)


def test_each_end_is_audited_and_told_once(teller: Teller) -> None:
    paid, failed = teller.goes_out(kes(100)), teller.goes_out(kes(200))
    for _repeat in range(2):
        teller.hears(paid, PaidOut())
        teller.hears(failed, NO_ACCOUNT)
    acts = "SELECT act FROM audit_event WHERE subject = 'withdrawal:{}' ORDER BY id"
    begun = [f"withdrawal.{act}" for act in ("requested", "queued", "sent", "accepted")]
    assert teller.column(acts.format(paid.id)) == [*begun, "withdrawal.paid"]
    assert teller.column(acts.format(failed.id)) == [*begun, "withdrawal.failed"]
    told = "SELECT kind FROM sms_out WHERE kind LIKE 'withdrawal%' ORDER BY id"
    assert teller.column(told) == ["withdrawal_paid", "withdrawal_failed"]
