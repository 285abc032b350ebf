"""The worker's part: sends what is queued, and draws a code only to send and forget it."""

import random
from datetime import timedelta
from functools import partial
from typing import Final

import structlog
from sqlalchemy import Connection, Engine

from core.carriers.judge import judge
from core.carriers.rules import Carrier
from core.database import in_transaction
from core.keyed_hash import Pepper
from core.notices import send, texts
from core.notices.consent import Waits
from core.notices.kinds import CODE
from core.outbox.deliver import Done, Handler, Later, SetAside, Untried, Verdict
from core.outbox.for_ever import for_ever
from core.outbox.records import URGENT, Job, ask_for_ever
from core.players.phone_code import Purpose, draw_code
from core.players.records import get_player
from core.text import Text
from sms.handover import Handover
from sms.pace import Pace
from sms.route import Route, hand_to
from sms.sender import Accepted, SmsRefused, SmsSender, SmsUnknown

log = structlog.get_logger()

# A provider that is down comes back: a receipt waits for it for a day, then a person looks.
RETRY_SECONDS: Final = (10, 30, 60, 120, 300, 600, 900)
RECEIPT_TRIES: Final = 100
# A code is of use only while its reader waits; who waited in vain asks for another.
CODE_TRIES: Final = 3
CODE_RETRY_SECONDS: Final = 5
# How long a message stays away for which there was no place, between these seconds.
NO_PLACE_SECONDS: Final = (5, 15)
JUDGE_EVERY: Final = timedelta(seconds=10)
JUDGE: Final = "judge_sms_route"


def jobs(*, database: Engine, route: Route, pepper: Pepper, pace: Pace) -> dict[str, Handler]:
    """The handlers of `send_sms` and `send_code`; with a second provider also who judges both."""
    handover = Handover(database, route, pace)
    handlers: dict[str, Handler] = {
        "send_sms": partial(_send_sms, handover=handover),
        "send_code": partial(_send_code, handover=handover, pepper=pepper),
    }
    if len(route.senders) > 1:
        handlers[JUDGE] = for_ever(
            partial(_judge, database, route), after_error=JUDGE_EVERY, event="sms_judging_failed"
        )
    return handlers


def begin(database: Engine) -> None:
    """Ask for the judging of both providers, which never ends; a repeat adds nothing."""
    in_transaction(database, lambda c: ask_for_ever(c, kind=JUDGE, priority=URGENT))


def _judge(database: Engine, route: Route) -> timedelta:
    moved_to = in_transaction(database, judge)
    if moved_to is not None:
        log.warning("sms_route_moved", to=moved_to)
        route.forget()
    return JUDGE_EVERY


def _send_sms(job: Job, *, handover: Handover) -> Verdict:
    sms_id, urgent = int(job.payload["sms_id"]), job.priority <= URGENT
    sender = handover.route.choose(may_try=not urgent)
    if not handover.pace.wait(sender.carrier, urgent=urgent):
        return _no_place()
    hand = hand_to(sender)
    begun = in_transaction(
        handover.database, lambda c: send.begin_sending(c, sms_id=sms_id, to=hand)
    )
    if isinstance(begun, Waits):
        return Untried(begun.delay)
    if not isinstance(begun, send.Outgoing):
        log.info("sms_not_sent_again", sms_id=sms_id, found=begun)
        return Done()
    outcome = handover.hand_over(begun, sender=sender, hand=hand)
    match outcome:
        case SmsRefused(may_pass_later=True, reason=reason):
            in_transaction(
                handover.database, lambda c: send.put_back(c, sms_id=sms_id, failure=reason)
            )
            return _retry(job, reason)
        case _:
            return Done()


def _send_code(job: Job, *, handover: Handover, pepper: Pepper) -> Verdict:
    if job.attempts > CODE_TRIES:
        return SetAside("no code could be sent")
    player_id, purpose = int(job.payload["player_id"]), Purpose(job.payload["purpose"])
    sender = _sender_of_code(job, handover, player_id)
    if not handover.pace.wait(sender.carrier, urgent=True):
        return _no_place()
    hand = hand_to(sender)

    def begin_code(connection: Connection) -> tuple[int, str, str]:
        player = get_player(connection, player_id=player_id)
        code = draw_code(connection, player_id=player_id, purpose=purpose, pepper=pepper)
        sms_id = send.begin_code(connection, player_id=player_id, phone=player.phone, to=hand)
        return sms_id, player.phone, _words(purpose, code).in_(player.language)

    sms_id, phone, body = in_transaction(handover.database, begin_code)
    message = send.Outgoing(sms_id, phone, body, CODE)
    outcome = handover.hand_over(message, sender=sender, hand=hand)
    match outcome:
        case None | Accepted() | SmsRefused(may_pass_later=False):
            return Done()
        case SmsRefused(reason=reason):
            in_transaction(
                handover.database, lambda c: send.record_refused(c, sms_id=sms_id, failure=reason)
            )
        case SmsUnknown():
            pass
    # The next try draws a new code, so that one that did arrive late opens nothing.
    return Later(timedelta(seconds=CODE_RETRY_SECONDS * job.attempts), outcome.reason)


def _sender_of_code(job: Job, handover: Handover, player_id: int) -> SmsSender:
    """Who carries; after a code of which nobody knows, the other than the one that had it."""
    if job.attempts > 1:
        last = in_transaction(
            handover.database, lambda c: send.last_carrier_of_code(c, player_id=player_id)
        )
        other = handover.route.after(Carrier(last)) if last else None
        if other is not None:
            return other
    return handover.route.choose(may_try=False)


def _no_place() -> Verdict:
    return Untried(timedelta(seconds=random.uniform(*NO_PLACE_SECONDS)))  # noqa: S311 - no secret


def _words(purpose: Purpose, code: str) -> Text:
    match purpose:
        case Purpose.VERIFY:
            return texts.code(code=code)
        case Purpose.PIN_RESET:
            return texts.reset_code(code=code)


def _retry(job: Job, reason: str) -> Verdict:
    if job.attempts >= RECEIPT_TRIES:
        return SetAside(reason)
    seconds = RETRY_SECONDS[min(job.attempts, len(RETRY_SECONDS)) - 1]
    jitter = random.uniform(0.8, 1.2)  # noqa: S311 - spreads the load, keeps no secret
    return Later(timedelta(seconds=seconds * jitter), reason)
