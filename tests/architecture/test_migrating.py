"""A migration that gets no lock gives up soon, says so, and leaves the ones before it done."""

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

from core.database import in_transaction
from core.ledger import book
from core.ledger.transfer import AccountKind
from tests.core.ledger.test_attacks import attempt


def version(owner: Engine) -> str:
    with owner.connect() as connection:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())


def test_a_migration_that_gets_no_lock_says_so_and_can_be_repeated(
    urls: tuple[str, str], owner: Engine, database: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    migrations = Config("alembic.ini")
    migrations.attributes["urls"] = (urls[1], urls[0])
    command.downgrade(migrations, "0016")
    with owner.connect() as busy:
        busy.execute(text("LOCK TABLE account IN ACCESS SHARE MODE"))
        with pytest.raises(SystemExit) as ended:
            command.upgrade(migrations, "head")
    assert ended.value.code == 2
    said = [each for each in capsys.readouterr().err.splitlines() if each.startswith("kibeezy")]
    assert said == [
        (
            "kibeezy: the database was busy: a migration got no lock within 5s."
            " The ones before it are done. Repeat it."
        )
    ]
    assert version(owner) == "0017"
    assert attempt(database, "UPDATE invariant SET failures = 0") is None, "with its grants"

    command.upgrade(migrations, "0018")
    assert version(owner) == "0018"
    account = in_transaction(
        database, lambda c: book.system_account(c, kind=AccountKind.OPERATOR_CAPITAL)
    )
    assert account > 0
