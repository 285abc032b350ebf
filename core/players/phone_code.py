"""Six-digit codes by SMS: asked for, drawn by the worker, typed back."""

import secrets
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CTE, Connection, Engine, FromClause, Row, exists, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from core.audit_trail.records import record, recording
from core.clock import in_nairobi
from core.database import Result, in_transaction, now
from core.keyed_hash import Pepper
from core.notices.kinds import CODE
from core.notices.records import sms_out
from core.outbox.records import URGENT, ask
from core.players.code_budget import spend_code
from core.players.records import phone_code, player
from core.players.rules import (
    CODE_LIFE,
    CODE_LOCK,
    CODE_RESEND_AFTER,
    CODE_TRIES,
    CODES_PER_DAY,
    CodeExpired,
    CodeLocked,
    CodesUsedUp,
    CodeTooSoon,
    WrongCode,
    parse_code,
)


class Purpose(StrEnum):
    """What a code proves; a code for one purpose is worth nothing for another."""

    VERIFY = "verify"
    PIN_RESET = "pin_reset"


def ask_code(connection: Connection, *, player_id: int, purpose: Purpose) -> None:
    """Have the worker send a code. Wrong tries are not forgotten by it.

    Raises CodeLocked, CodeTooSoon within a minute of the last, CodesUsedUp after five in a day,
    or CodesHeld, after which the transaction may go on: nothing is asked for.
    """
    asked = _lock(connection, player_id, purpose)
    asker = connection.execute(_ASKER.where(player.c.id == player_id)).one()
    moment: datetime = asker.now
    today = in_nairobi(moment).date()
    count = 1
    if asked is not None:
        if asked.locked_until is not None and asked.locked_until > moment:
            raise CodeLocked(asked.locked_until)
        if moment - asked.asked_at < CODE_RESEND_AFTER:
            raise CodeTooSoon
        count = asked.asked_that_day + 1 if asked.day == today else 1
        if count > CODES_PER_DAY:
            raise CodesUsedUp
    proven = asker.kyc_verified_at is not None
    spend_code(connection, phone=asker.phone, proven=proven, moment=moment)
    values = {"asked_at": moment, "day": today, "asked_that_day": count}
    connection.execute(
        insert(phone_code)
        .values(player_id=player_id, purpose=purpose, **values)
        .on_conflict_do_update(index_elements=["player_id", "purpose"], set_=values)
        .add_cte(_recording(player_id, purpose, "code.asked"))
    )
    payload = {"player_id": player_id, "purpose": purpose}
    ask(connection, kind="send_code", payload=payload, priority=URGENT)


def code_was_asked(connection: Connection, *, player_id: int, purpose: Purpose) -> bool:
    """Whether a code was ever asked for, be it on its way or long used."""
    mine = (phone_code.c.player_id == player_id) & (phone_code.c.purpose == purpose)
    return connection.execute(select(exists().where(mine))).scalar_one()


def draw_code(connection: Connection, *, player_id: int, purpose: Purpose, pepper: Pepper) -> str:
    """Draw a new code, valid for ten minutes from now; the one before it is void.

    Only its keyed hash is written. The caller sends the code and forgets it.
    """
    code = f"{secrets.randbelow(10**6):06}"
    subject = f"player:{player_id}"
    record(connection, actor="system", act="code.drawn", subject=subject, purpose=purpose)
    connection.execute(
        phone_code.update()
        .where(phone_code.c.player_id == player_id, phone_code.c.purpose == purpose)
        .values(
            code_mac=_mac(pepper, player_id, purpose, code),
            expires_at=func.kibeezy_now() + CODE_LIFE,
        )
    )
    return code


def use_code(
    database: Engine,
    *,
    player_id: int,
    purpose: Purpose,
    typed: str,
    pepper: Pepper,
    then: Callable[[Connection], Result],
) -> Result:
    """Use up the code that was sent, and do `then` in the same transaction.

    The try is counted and committed before the code is looked at, so that neither a crash nor
    parallel guesses give free tries. A code that was used is gone: a repeat raises CodeExpired.
    Raises InvalidCode, WrongCode, CodeExpired or CodeLocked.
    """
    code = parse_code(typed)
    mac, tries = in_transaction(database, lambda c: _count_try(c, player_id, purpose))
    given = _mac(pepper, player_id, purpose, code)
    if not secrets.compare_digest(mac, given):
        _record_wrong(database, player_id, purpose, tries)
        if tries >= CODE_TRIES:
            raise CodeLocked(in_transaction(database, now) + CODE_LOCK)
        raise WrongCode(CODE_TRIES - tries)

    def spend(connection: Connection) -> Result:
        if not _spend(connection, player_id, purpose, mac):
            raise CodeExpired
        return then(connection)

    return in_transaction(database, spend)


_ASKER = select(player.c.phone, player.c.kyc_verified_at, func.kibeezy_now().label("now"))


def _count_try(connection: Connection, player_id: int, purpose: Purpose) -> tuple[bytes, int]:
    asked = _lock(connection, player_id, purpose)
    moment = now(connection)
    if asked is None or asked.code_mac is None or asked.expires_at <= moment:
        raise CodeExpired
    tries = asked.wrong_tries
    if asked.locked_until is not None:
        if asked.locked_until > moment:
            raise CodeLocked(asked.locked_until)
        tries = 0
    tries += 1
    locked_until = moment + CODE_LOCK if tries >= CODE_TRIES else None
    _change(connection, player_id, purpose, wrong_tries=tries, locked_until=locked_until)
    return asked.code_mac, tries


def _spend(connection: Connection, player_id: int, purpose: Purpose, mac: bytes) -> bool:
    # One statement that uses the code up and says so; no code, no event.
    spent = (
        phone_code.update()
        .where(
            phone_code.c.player_id == player_id,
            phone_code.c.purpose == purpose,
            phone_code.c.code_mac == mac,
        )
        .values(code_mac=None, wrong_tries=0, locked_until=None)
        .returning(phone_code.c.player_id)
        .cte("spent")
    )
    recorded = _recording(player_id, purpose, "code.used", of=spent)
    used = select(spent.c.player_id).add_cte(recorded, _marking(spent))
    return connection.execute(used).one_or_none() is not None


def _marking(spent: CTE) -> CTE:
    """Note with the SMS of the newest code that it was typed back, for whoever counts those."""
    sent = sms_out.alias()
    newest = (
        select(sent.c.id)
        .where(sent.c.player_id == select(spent.c.player_id).scalar_subquery())
        .where(sent.c.kind == CODE)
        .order_by(sent.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    mark = sms_out.update().where(sms_out.c.id == newest).values(used_at=func.kibeezy_now())
    return mark.returning(sms_out.c.id).cte("marked")


def _record_wrong(database: Engine, player_id: int, purpose: Purpose, tries: int) -> None:
    subject = f"player:{player_id}"
    in_transaction(
        database,
        lambda connection: record(
            connection,
            actor=subject,
            act="code.locked" if tries >= CODE_TRIES else "code.wrong",
            subject=subject,
            purpose=purpose,
            wrong_tries=tries,
        ),
    )


def _recording(player_id: int, purpose: Purpose, act: str, *, of: FromClause | None = None) -> CTE:
    who = literal(f"player:{player_id}")
    return recording(actor=who, act=act, subject=who, of=of, purpose=purpose)


def _lock(
    connection: Connection, player_id: int, purpose: Purpose
) -> Row[*tuple[object, ...]] | None:
    query = (
        select(phone_code)
        .where(phone_code.c.player_id == player_id, phone_code.c.purpose == purpose)
        .with_for_update()
    )
    return connection.execute(query).one_or_none()


def _change(connection: Connection, player_id: int, purpose: Purpose, **values: object) -> None:
    connection.execute(
        phone_code.update()
        .where(phone_code.c.player_id == player_id, phone_code.c.purpose == purpose)
        .values(**values)
    )


def _mac(pepper: Pepper, player_id: int, purpose: Purpose, code: str) -> bytes:
    return pepper.mac("code", purpose, str(player_id), code)
