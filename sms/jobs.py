"""The worker's part: sends what is queued, and draws a code only to send and forget it."""

import random
from datetime import timedelta
from functools import partial
from typing import Final

import structlog
from sqlalchemy import Connection, Engine

from core.database import in_transaction
from core.keyed_hash import Pepper
from core.notices import send, texts
from core.notices.consent import Waits
from core.outbox.deliver import Done, Handler, Later, SetAside, Verdict
from core.outbox.records import Job
from core.players.phone_code import Purpose, draw_code
from core.players.records import get_player
from core.text import Text
from sms.length import segments
from sms.parts import call_for_parts
from sms.sender import Accepted, SmsRefused, SmsSender, SmsUnknown

log = structlog.get_logger()

# A provider that is down comes back: a receipt waits for it for a day, then a person looks.
RETRY_SECONDS: Final = (10, 30, 60, 120, 300, 600, 900)
RECEIPT_TRIES: Final = 100
# A code is of use only while its reader waits; who waited in vain asks for another.
CODE_TRIES: Final = 3
CODE_RETRY_SECONDS: Final = 5


def jobs(*, database: Engine, sender: SmsSender, pepper: Pepper) -> dict[str, Handler]:
    """The handlers of `send_sms` and `send_code`."""
    return {
        "send_sms": partial(_send_sms, database=database, sender=sender),
        "send_code": partial(_send_code, database=database, sender=sender, pepper=pepper),
    }


def _send_sms(job: Job, *, database: Engine, sender: SmsSender) -> Verdict:
    sms_id = int(job.payload["sms_id"])
    begun = in_transaction(database, lambda c: send.begin_sending(c, sms_id=sms_id))
    if isinstance(begun, Waits):
        return Later(begun.delay)
    if not isinstance(begun, send.Outgoing):
        log.info("sms_not_sent_again", sms_id=sms_id, found=begun)
        return Done()
    outcome = _deliver(sender, phone=begun.phone, body=begun.body)
    match outcome:
        case Accepted():
            _record_accepted(database, sms_id, outcome, begun.body)
        case SmsRefused(may_pass_later=True, reason=reason):
            in_transaction(database, lambda c: send.put_back(c, sms_id=sms_id, failure=reason))
            return _retry(job, reason)
        case SmsRefused() | SmsUnknown():
            _record_failure(database, sms_id, outcome)
    return Done()


def _send_code(job: Job, *, database: Engine, sender: SmsSender, pepper: Pepper) -> Verdict:
    if job.attempts > CODE_TRIES:
        return SetAside("no code could be sent")
    player_id, purpose = int(job.payload["player_id"]), Purpose(job.payload["purpose"])

    def begin(connection: Connection) -> tuple[int, str, str]:
        player = get_player(connection, player_id=player_id)
        code = draw_code(connection, player_id=player_id, purpose=purpose, pepper=pepper)
        sms_id = send.begin_code(connection, player_id=player_id, phone=player.phone)
        return sms_id, player.phone, _words(purpose, code).in_(player.language)

    sms_id, phone, body = in_transaction(database, begin)
    outcome = _deliver(sender, phone=phone, body=body)
    if isinstance(outcome, Accepted):
        _record_accepted(database, sms_id, outcome, body)
        return Done()
    _record_failure(database, sms_id, outcome)
    if isinstance(outcome, SmsRefused) and not outcome.may_pass_later:
        return Done()
    # The next try draws a new code, so that one that did arrive late opens nothing.
    return Later(timedelta(seconds=CODE_RETRY_SECONDS * job.attempts), outcome.reason)


def _words(purpose: Purpose, code: str) -> Text:
    match purpose:
        case Purpose.VERIFY:
            return texts.code(code=code)
        case Purpose.PIN_RESET:
            return texts.reset_code(code=code)


def _deliver(sender: SmsSender, *, phone: str, body: str) -> Accepted | SmsRefused | SmsUnknown:
    try:
        return sender.send(phone=phone, body=body)
    except (SmsRefused, SmsUnknown) as outcome:
        return outcome


def _record_accepted(database: Engine, sms_id: int, accepted: Accepted, body: str) -> None:
    counted = segments(body)
    in_transaction(
        database,
        lambda c: send.record_accepted(
            c,
            sms_id=sms_id,
            provider_id=accepted.provider_id,
            provider_status=accepted.status,
            cost=accepted.cost,
            parts=accepted.parts,
            counted_parts=counted,
        ),
    )
    told = accepted.parts
    if told is not None and told != counted:
        # On its own: that the provider took the message must not be forgotten over an alarm.
        in_transaction(
            database, lambda c: call_for_parts(c, sms_id=sms_id, told=told, counted=counted)
        )


def _record_failure(database: Engine, sms_id: int, outcome: SmsRefused | SmsUnknown) -> None:
    log.warning("sms_not_accepted", sms_id=sms_id, failure=outcome.reason)
    match outcome:
        case SmsRefused(reason=reason):
            in_transaction(
                database, lambda c: send.record_refused(c, sms_id=sms_id, failure=reason)
            )
        case SmsUnknown(reason=reason):
            in_transaction(
                database, lambda c: send.record_unknown(c, sms_id=sms_id, failure=reason)
            )


def _retry(job: Job, reason: str) -> Verdict:
    if job.attempts >= RECEIPT_TRIES:
        return SetAside(reason)
    seconds = RETRY_SECONDS[min(job.attempts, len(RETRY_SECONDS)) - 1]
    jitter = random.uniform(0.8, 1.2)  # noqa: S311 - spreads the load, keeps no secret
    return Later(timedelta(seconds=seconds * jitter), reason)
