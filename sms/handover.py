"""Hands one message over, to whoever carries or to the other, and writes down what came of it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, TypeAlias, TypeGuard

import structlog
from sqlalchemy import Connection, Engine

from core.carriers.choose import may_hurry, note_failure
from core.carriers.rules import Carrier
from core.database import in_transaction
from core.notices import send
from core.notices.kinds import is_news, kind_named
from core.outbox.records import URGENT, hurry
from sms.length import segments
from sms.pace import Pace
from sms.parts import call_for_parts
from sms.route import Route
from sms.sender import Accepted, SmsRefused, SmsSender, SmsUnknown
from sms.statuses import TOO_FAST
from sms.trouble import Trouble

log = structlog.get_logger()

# A transaction of these is far below the time that a statement may take.
HURRIED_AT_ONCE: Final = 10_000
# Where one network is down all day its messages are hurried each minute, and would use up their
# tries in two hours; after a day a person looks at them all the same.
HURRIED_FREE_FOR: Final = timedelta(days=1)

Outcome: TypeAlias = Accepted | SmsRefused | SmsUnknown


@dataclass(frozen=True)
class Handover:
    """What handing over takes: the table of who carries, and a place at the rate."""

    database: Engine
    route: Route
    pace: Pace
    trouble: Trouble = field(default_factory=Trouble)

    def hand_over(
        self, message: send.Outgoing, *, sender: SmsSender, hand: send.Hand
    ) -> Outcome | None:
        """Call whoever carries; where that provider surely did not take it, call the other at once.

        Written down is what was accepted, lost or refused for good; what may pass later is the
        caller's. None where a report says that the message had been taken after all.
        """
        outcome = self._call(message, sender, hand)
        if _may_pass_later(outcome):
            other = self.route.after(sender)
            urgent = kind_named(message.kind).priority <= URGENT
            if other is not None and self.pace.wait(other.carrier, urgent=urgent):
                return self._pass_on(message, outcome, sender=sender, other=other)
        self._write_down(message, outcome, sender.carrier)
        return outcome

    def _pass_on(
        self, message: send.Outgoing, refused: Outcome, *, sender: SmsSender, other: SmsSender
    ) -> Outcome | None:
        hand = send.Hand(other.carrier, other.name())

        def hand_on(connection: Connection) -> bool:
            _note(connection, refused, sender.carrier)
            return send.pass_on(connection, sms_id=message.sms_id, to=hand)

        if not in_transaction(self.database, hand_on):
            return None
        log.info("sms_passed_on", sms_id=message.sms_id, to=other.carrier)
        outcome = self._call(message, other, hand)
        self._write_down(message, outcome, other.carrier)
        return outcome

    def _call(self, message: send.Outgoing, sender: SmsSender, hand: send.Hand) -> Outcome:
        try:
            return sender.send(
                phone=message.phone,
                body=message.body,
                promotional=is_news(message.kind),
                named=hand.provider_id,
            )
        except (SmsRefused, SmsUnknown) as outcome:
            if outcome.reason == TOO_FAST:
                self.pace.slow_down(sender.carrier)
            return outcome

    def _write_down(self, message: send.Outgoing, outcome: Outcome, carrier: Carrier) -> None:
        if isinstance(outcome, Accepted):
            self._accept(message, outcome, carrier)
            try:
                self._follow_up(message, outcome)
            except Exception:
                # The provider has the message: nothing that fails from here on may send it again.
                log.exception("sms_follow_up_failed", sms_id=message.sms_id)
            return
        if _may_pass_later(outcome):
            self.trouble.refused()
        reason = outcome.reason
        log.warning("sms_not_accepted", sms_id=message.sms_id, failure=reason, provider=carrier)

        def write(connection: Connection) -> None:
            _note(connection, outcome, carrier)
            if isinstance(outcome, SmsUnknown):
                send.record_unknown(connection, sms_id=message.sms_id, failure=reason)
            elif not outcome.may_pass_later:
                send.record_refused(connection, sms_id=message.sms_id, failure=reason)

        in_transaction(self.database, write)

    def _accept(self, message: send.Outgoing, accepted: Accepted, carrier: Carrier) -> None:
        in_transaction(
            self.database,
            lambda c: send.record_accepted(
                c,
                sms_id=message.sms_id,
                provider_id=accepted.provider_id,
                provider_status=accepted.status,
                cost=accepted.cost,
                parts=accepted.parts,
                counted_parts=segments(message.body),
                provider=carrier,
                price=accepted.price,
            ),
        )

    def _follow_up(self, message: send.Outgoing, accepted: Accepted) -> None:
        told, counted = accepted.parts, segments(message.body)
        if told is not None and told != counted:
            in_transaction(
                self.database,
                lambda c: call_for_parts(c, sms_id=message.sms_id, told=told, counted=counted),
            )
        if self.trouble.is_over() and in_transaction(self.database, may_hurry):
            self._hurry()

    def _hurry(self) -> None:
        def portion(connection: Connection) -> int:
            return hurry(
                connection, kind="send_sms", limit=HURRIED_AT_ONCE, free_for=HURRIED_FREE_FOR
            )

        while in_transaction(self.database, portion) == HURRIED_AT_ONCE:
            pass


def _may_pass_later(outcome: Outcome) -> TypeGuard[SmsRefused]:
    return isinstance(outcome, SmsRefused) and outcome.may_pass_later


def _note(connection: Connection, outcome: Outcome, carrier: Carrier) -> None:
    # A number that is wrong or blacklisted is no fault of the provider.
    if isinstance(outcome, SmsUnknown) or _may_pass_later(outcome):
        note_failure(connection, carrier=carrier, reason=outcome.reason)
