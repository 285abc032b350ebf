"""Acts at an exact moment of somebody else's transaction."""

from collections.abc import Callable

from sqlalchemy import Connection, Engine, event


def once_before(database: Engine, words: str, act: Callable[[], object]) -> None:
    """Act when the next statement with these words, or a COMMIT, is about to be sent."""
    seen: list[str] = []

    def look(statement: str) -> None:
        if words in statement and not seen:
            seen.append(statement)
            act()

    def on_statement(_connection: Connection, _cursor: object, sent: str, *_: object) -> None:
        look(sent)

    def on_commit(connection: Connection) -> None:
        # Statements that commit by themselves end without a COMMIT.
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            look("COMMIT")

    event.listen(database, "before_cursor_execute", on_statement)
    event.listen(database, "commit", on_commit)
