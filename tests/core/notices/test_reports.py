"""Delivery reports: early, late, shuffled, repeated, unheard of."""

from itertools import permutations

import pytest
from sqlalchemy import Engine, Row, select
from sqlalchemy.exc import OperationalError

from core.notices import send
from core.notices.costs import MessagePrice
from core.notices.records import sms_out, sms_report
from core.notices.reports import record_report
from tests.core.notices.post import HAND, accepted, begun
from tests.world import World


def reported(
    database: Engine,
    status: str,
    provider_id: str = "AT1",
    *,
    network: str | None = None,
    price: MessagePrice | None = None,
    parts: int | None = None,
) -> None:
    with database.begin() as connection:
        record_report(
            connection,
            provider_id=provider_id,
            status=status,
            network=network,
            price=price,
            parts=parts,
        )


def row_of(database: Engine, sms_id: int | None = None) -> Row[*tuple[object, ...]]:
    """The message with this id, or the only one."""
    query = select(sms_out)
    with database.connect() as connection:
        return connection.execute(
            query if sms_id is None else query.where(sms_out.c.id == sms_id)
        ).one()


def status_of(database: Engine, sms_id: int | None = None) -> str:
    status: str = row_of(database, sms_id).status
    return status


def test_a_report_that_overtakes_the_answer_is_not_lost(database: Engine) -> None:
    sms_id = begun(database)
    reported(database, "Success")
    accepted(database, sms_id)
    assert status_of(database) == "delivered"


ANSWER = "the provider's answer"


@pytest.mark.parametrize(
    ("words", "comes_to"),
    [
        (("Sent", "Buffered", "Success"), "delivered"),
        (("Submitted", "Failed", "Success"), "delivered"),
        (("Buffered", "Rejected", "Expired"), "undelivered"),
        (("Sent", "Teleported", "Buffered"), "interim"),
        (("Teleported", "Vanished", "Teleported"), "accepted"),
    ],
)
def test_whatever_the_order_the_strongest_word_stays(
    database: Engine, words: tuple[str, ...], comes_to: str
) -> None:
    """Each order, each word twice, and the provider's answer anywhere among them."""
    for number, order in enumerate(permutations((*words, ANSWER))):
        sms_id, provider_id = begun(database), f"AT{number}"
        seen = []
        for word in order:
            for _repeat in range(2):
                if word == ANSWER:
                    accepted(database, sms_id, provider_id=provider_id)
                else:
                    reported(database, word, provider_id)
                seen.append(strength_of(status_of(database, sms_id)))
        assert seen == sorted(seen), f"{order} went backwards"
        assert status_of(database, sms_id) == comes_to, order
    with database.connect() as connection:
        times = set(connection.execute(select(sms_report.c.times)).scalars())
        assert times == {2 * words.count(word) for word in words}


def strength_of(status: str) -> int:
    return ["sending", "accepted", "interim", "undelivered", "delivered"].index(status)


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


@pytest.mark.parametrize("order", list(permutations(["Sent", "Success", ANSWER])))
def test_what_any_report_says_of_network_and_price_is_kept(
    database: Engine, order: tuple[str, ...]
) -> None:
    sms_id = begun(database)
    for word in order:
        if word == ANSWER:
            accepted(database, sms_id)
        elif word == "Sent":
            reported(database, word, network="63903")
        else:
            reported(database, word, price=MessagePrice(800_000, "KES"), parts=2)
    row = row_of(database)
    assert (row.status, row.network) == ("delivered", "63903")
    assert (row.cost_micros, row.cost_currency) == (800_000, "KES")
    assert row.parts == 1, "what the provider said in its answer stays"


def test_the_first_network_and_price_stay(database: Engine) -> None:
    accepted(database, begun(database))
    reported(database, "Sent", network="63902", price=MessagePrice(800_000, "KES"))
    reported(database, "Success", network="63907", price=MessagePrice(7_900, "USD"))
    row = row_of(database)
    assert (row.network, row.cost_micros, row.cost_currency) == ("63902", 800_000, "KES")


def test_a_report_of_a_message_that_is_not_ours_touches_none(database: Engine) -> None:
    accepted(database, begun(database))
    reported(database, "Success", provider_id="AT2")
    assert status_of(database) == "accepted"


def test_the_answer_to_a_message_believed_lost_is_still_welcome(database: Engine) -> None:
    sms_id = begun(database)
    with database.begin() as connection:
        assert send.begin_sending(connection, sms_id=sms_id, to=HAND) is send.Found.LOST
    assert status_of(database) == "unknown"
    accepted(database, sms_id)
    assert status_of(database) == "accepted"
    with database.begin() as connection:
        assert send.begin_sending(connection, sms_id=sms_id, to=HAND) is send.Found.FINISHED


def test_two_messages_of_one_name_are_both_accepted(database: Engine) -> None:
    for _ in range(2):
        accepted(database, begun(database), provider_id="AT1")
    with database.connect() as connection:
        query = select(sms_out.c.status, sms_out.c.provider_id).order_by(sms_out.c.id)
        assert connection.execute(query).all() == [("accepted", "AT1"), ("accepted", None)]


def test_an_answer_and_its_report_at_the_same_moment(database: Engine) -> None:
    sms_id = begun(database)
    with database.connect() as answering:
        send.record_accepted(
            answering,
            sms_id=sms_id,
            provider_id="AT1",
            provider_status="Sent",
            cost=None,
            parts=1,
            counted_parts=1,
            provider=HAND.provider,
        )
        with database.connect() as reporting:
            reporting.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
            with pytest.raises(OperationalError, match="lock timeout"):
                record_report(reporting, provider_id="AT1", status="Success")
        answering.commit()
    reported(database, "Success")
    assert status_of(database) == "delivered"
