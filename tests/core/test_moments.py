"""What is asked about the last hour of a large table finds it by an index."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, Engine, event, text

from core.carriers.records import tally_of, who_carries
from core.carriers.rules import Carrier
from core.players.code_figures import conversions

_MANY = text(
    """
    INSERT INTO sms_out (phone, kind, status, provider, accepted_at, sent_at, reported_at)
    SELECT '+254700000001', 'code', 'delivered', 'africas_talking', at, at, at
    FROM generate_series(1, 5000) n
    CROSS JOIN LATERAL (SELECT kibeezy_now() - n * interval '10 minutes') x (at)
    """
)


def _tally(connection: Connection) -> object:
    return tally_of(connection, carrier=Carrier.AFRICAS_TALKING, carried=who_carries(connection))


@pytest.mark.parametrize("ask", [_tally, conversions], ids=["tally", "conversions"])
def test_the_last_hour_is_found_by_an_index(
    database: Engine, owner: Engine, ask: Callable[[Connection], object]
) -> None:
    with owner.begin() as connection:
        connection.execute(_MANY)
        connection.execute(text("ANALYZE sms_out"))
    plans: list[str] = []

    def explain(
        connection: Connection, _cursor: object, statement: str, values: object, *_others: object
    ) -> None:
        if "sms_out" in statement and not statement.startswith("EXPLAIN"):
            lines = connection.exec_driver_sql(f"EXPLAIN {statement}", values)  # type: ignore[arg-type]
            plans.append("\n".join(lines.scalars()))

    event.listen(database, "before_cursor_execute", explain)
    with database.connect() as connection:
        ask(connection)
    [plan] = plans
    lines = plan.splitlines()
    ways = [at for at, line in enumerate(lines) if " sms_out_" in line]
    assert "Seq Scan on sms_out" not in plan
    assert ways, plan
    for at in ways:
        assert "Index Cond" in lines[at + 1], plan
        assert "_at >" in lines[at + 1], plan
