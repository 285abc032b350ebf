"""Delivery reports: early, late, shuffled, repeated, unheard of."""

from itertools import permutations

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError

from core.notices import send
from core.notices.notify import Notice, notify_all
from core.notices.records import sms_out, sms_report
from core.notices.reports import record_report
from core.notices.texts import number_verified
from core.text import Language
from tests.world import World


def begun(database: Engine) -> int:
    with database.begin() as connection:
        notice = Notice(None, "+254700000001", Language.ENGLISH, "answer", number_verified())
        notify_all(connection, notices=[notice])
        sms_id: int = connection.execute(select(func.max(sms_out.c.id))).scalar_one()
        assert isinstance(send.begin_sending(connection, sms_id=sms_id), send.Outgoing)
    return sms_id


def accepted(database: Engine, sms_id: int, provider_id: str = "AT1") -> None:
    with database.begin() as connection:
        send.record_accepted(
            connection,
            sms_id=sms_id,
            provider_id=provider_id,
            provider_status="Sent",
            cost="KES 0.8000",
            parts=1,
        )


def reported(database: Engine, status: str, provider_id: str = "AT1") -> None:
    with database.begin() as connection:
        record_report(connection, provider_id=provider_id, status=status)


def status_of(database: Engine) -> str:
    with database.connect() as connection:
        status: str = connection.execute(select(sms_out.c.status)).scalar_one()
        return status


def test_a_report_that_overtakes_the_answer_is_not_lost(database: Engine) -> None:
    sms_id = begun(database)
    reported(database, "Success")
    accepted(database, sms_id)
    assert status_of(database) == "delivered"


@pytest.mark.parametrize("order", list(permutations(["Sent", "Buffered", "Success"])))
def test_whatever_the_order_the_final_word_stays(database: Engine, order: tuple[str, ...]) -> None:
    accepted(database, begun(database))
    for status in order:
        reported(database, status)
        reported(database, status)
    assert status_of(database) == "delivered"
    with database.connect() as connection:
        assert set(connection.execute(select(sms_report.c.times)).scalars()) == {2}


def test_the_first_final_word_wins(database: Engine) -> None:
    accepted(database, begun(database))
    reported(database, "Failed")
    reported(database, "Success")
    assert status_of(database) == "undelivered"


def test_a_repeat_does_not_move_the_moment_of_delivery(world: World) -> None:
    accepted(world.database, begun(world.database))
    moments = []
    for _ in range(2):
        reported(world.database, "Success")
        with world.database.connect() as connection:
            moments.append(connection.execute(select(sms_out.c.reported_at)).scalar_one())
        world.moves(hours=1)
    assert moments[0] == moments[1]


def test_an_unheard_of_status_is_kept_and_changes_nothing(database: Engine) -> None:
    accepted(database, begun(database))
    reported(database, "Teleported")
    reported(database, "Teleported")
    assert status_of(database) == "accepted"
    with database.connect() as connection:
        row = connection.execute(select(sms_report)).one()
    assert (row.status, row.times) == ("Teleported", 2)


def test_a_report_of_a_message_that_is_not_ours_touches_none(database: Engine) -> None:
    accepted(database, begun(database))
    reported(database, "Success", provider_id="AT2")
    assert status_of(database) == "accepted"


def test_the_answer_to_a_message_believed_lost_is_still_welcome(database: Engine) -> None:
    sms_id = begun(database)
    with database.begin() as connection:
        assert send.begin_sending(connection, sms_id=sms_id) is send.Found.LOST
    assert status_of(database) == "unknown"
    accepted(database, sms_id)
    assert status_of(database) == "accepted"
    with database.begin() as connection:
        assert send.begin_sending(connection, sms_id=sms_id) is send.Found.FINISHED


def test_two_messages_of_one_name_are_both_accepted(database: Engine) -> None:
    accepted(database, begun(database))
    accepted(database, begun(database))
    with database.connect() as connection:
        query = select(sms_out.c.status, sms_out.c.provider_id).order_by(sms_out.c.id)
        assert connection.execute(query).all() == [("accepted", "AT1"), ("accepted", None)]


def test_an_answer_and_its_report_at_the_same_moment(database: Engine) -> None:
    sms_id = begun(database)
    with database.connect() as answering:
        send.record_accepted(
            answering, sms_id=sms_id, provider_id="AT1", provider_status="Sent", cost=None, parts=1
        )
        with database.connect() as reporting:
            reporting.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
            with pytest.raises(OperationalError, match="lock timeout"):
                record_report(reporting, provider_id="AT1", status="Success")
        answering.commit()
    reported(database, "Success")
    assert status_of(database) == "delivered"
