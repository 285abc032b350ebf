"""What nobody foresaw: a polite page in the caller's language, counted, and logged once."""

import pytest
from sqlalchemy import text

from core.text import Language
from tests.chaos.engines.edge import MAY_STAND, WANJIRU, Edge
from tests.phone import Phone
from tests.world import PIN

pytestmark = pytest.mark.processes

# A market as no version of the code has ever written one.
IMPOSSIBLE = """
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT conname FROM pg_constraint
        WHERE conrelid = 'market'::regclass AND contype = 'c' LOOP
        EXECUTE format('ALTER TABLE market DROP CONSTRAINT %I', name);
    END LOOP;
    ALTER TABLE market DISABLE TRIGGER USER;
END $$;
UPDATE market SET payout_rule = 'impossible';
"""
POSSIBLE = "UPDATE market SET payout_rule = 'pro_rata'"
BREAKS = """
CREATE FUNCTION breaks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'nobody foresaw this'; END $$;
CREATE TRIGGER breaks BEFORE INSERT ON bet FOR EACH ROW EXECUTE FUNCTION breaks();
"""
MENDS = "DROP TRIGGER breaks ON bet"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.ENGLISH, "Sorry, we have a problem. No money was taken. Please dial again."),
        (Language.SWAHILI, "Samahani, tuna hitilafu. Hujakatwa pesa. Tafadhali piga tena."),
    ],
)
def test_a_page_that_cannot_be_drawn(
    edge: Edge, phone: Phone, language: Language, words: str
) -> None:
    edge.world.has_market(label="Rain")
    edge.world.has_player(WANJIRU, language=language)
    phone.dial()
    changes(edge, IMPOSSIBLE)
    counted = edge.failures("error")

    phone.type("1").has_hung_up()

    assert phone.screen == words
    assert edge.failures("error") == counted + 1
    [failure] = edge.log.events("hop_failed")
    assert (failure["reason"], "ValueError" in failure["exception"]) == ("error", True)
    changes(edge, POSSIBLE)
    phone.dial().type("1").shows("Rain")


def test_a_bet_that_breaks(edge: Edge) -> None:
    phone = edge.bettor()
    changes(edge, BREAKS)
    counted = edge.failures("error")

    phone.type(PIN).has_hung_up()

    assert phone.screen == MAY_STAND
    assert edge.failures("error") == counted + 1
    [failure] = edge.log.events("hop_failed")
    assert "nobody foresaw this" in failure["exception"]
    edge.log.holds_no_pin()
    assert edge.tells() is False
    changes(edge, MENDS)
    assert edge.stands() is False


def changes(edge: Edge, statements: str) -> None:
    with edge.world.owner.begin() as connection:
        connection.execute(text(statements))
