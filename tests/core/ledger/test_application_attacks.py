"""The ledger attacked by whatever an injected statement might try under the application's login."""

import pytest

from laptop.postgres import APPLICATION, OWNER
from tests.core.ledger.test_attacks import FEE, OLD, REST, TRANSFER, attempt, entries
from tests.world import World

NOT_PERMITTED = "42501"

_ANYTHING_ON = "GRANT ALL ON {} TO " + APPLICATION
# What an injected statement might try; each with the grant that would let it through.
BY_THE_APPLICATION = [
    (TRANSFER.format(n=2) + " ON CONFLICT DO NOTHING", None),
    (entries(OLD, (FEE, -5), (REST, 5)), None),
    ("UPDATE entry SET cents = cents * 2", None),
    ("DELETE FROM entry", None),
    ("TRUNCATE entry", None),
    ("UPDATE transfer SET actor = 'x'", None),
    ("INSERT INTO account (kind, owner) VALUES ('player_available', 77)", "account"),
    ("UPDATE balance SET cents = cents + 100", "balance"),
    ("INSERT INTO balance (account_id) VALUES ((SELECT min(id) FROM account))", "balance"),
    ("UPDATE clock SET ahead = ahead + interval '1 day'", "clock"),
    ("UPDATE bet SET side = 'no'", "bet"),
    ("DELETE FROM settlement", "settlement"),
    ("DELETE FROM settlement_chunk", "settlement_chunk"),
    ("SELECT pay_lines(NULL, 1, 1, 'thief', NULL)", None),
    ("SELECT reverse_lines(NULL, 1, 1, 'thief', NULL)", None),
    ("SELECT * FROM lines_to_reverse(NULL, 1, 1)", None),
    ("UPDATE audit_event SET actor = 'x'", None),
    ("UPDATE admin SET role = 'owner'", "admin"),
    ("UPDATE alarm SET why = 'nothing'", "alarm"),
    ("DELETE FROM alarm", "alarm"),
    ("INSERT INTO switch (kind) VALUES ('fees')", "switch"),
    ("DELETE FROM switch", "switch"),
    (f"SET ROLE {OWNER}", None),
    (f"SET SESSION AUTHORIZATION {OWNER}", None),
    ("SET session_replication_role = replica", None),
    ("ALTER TABLE entry DISABLE TRIGGER ALL", None),
    ("DROP TRIGGER entry_append_only ON entry", None),
    ("CREATE TABLE loot (cents bigint)", "SCHEMA public"),
    (
        "CREATE FUNCTION loot() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SCHEMA public",
    ),
    ("ALTER FUNCTION kibeezy_now() RENAME TO by_and_by", None),
    ("ALTER TABLE player ADD COLUMN loot int", None),
]


@pytest.mark.parametrize("statement", [statement for statement, _ in BY_THE_APPLICATION])
def test_the_application_may_not(stocked: World, statement: str) -> None:
    assert attempt(stocked.database, statement) == NOT_PERMITTED


@pytest.mark.parametrize(
    ("statement", "granted"), [pair for pair in BY_THE_APPLICATION if pair[1] is not None]
)
def test_with_the_grant_it_could(doomed: World, statement: str, granted: str) -> None:
    assert attempt(doomed.owner, _ANYTHING_ON.format(granted)) is None
    assert attempt(doomed.database, statement) is None
