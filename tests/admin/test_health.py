"""What load balancers and Prometheus are told."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, event, text

from app import Wiring, create_app
from core.database import in_transaction
from core.money import kes
from core.outbox.records import BULK, NORMAL, URGENT, ask
from core.settings import Settings
from core.switches.rules import Switch
from core.switches.stop import stop
from core.watch.jobs import keep_watch
from core.watch.rules import Lane
from tests.core.notices.post import HAND, Post
from tests.laptop.supervisor import free_port
from tests.phone import Phone
from tests.world import PIN, World


def faults(client: FlaskClient) -> list[str]:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["status"]) == (503, "not ready")
    named = answer.get_json()["faults"]
    assert isinstance(named, list)
    return named


def metrics(client: FlaskClient) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(client.get("/metrics").text)
        for sample in family.samples
    }


@pytest.fixture
def cut_off(settings: Settings) -> Iterator[FlaskClient]:
    """A web process whose engines are both away."""
    port = free_port()
    urls = {
        "database_url": f"postgresql://app:secret@127.0.0.1:{port}/kibeezy",
        "redis_url": f"redis://:secret@127.0.0.1:{port}/0",
    }
    app = create_app(settings.model_copy(update=urls))
    yield app.test_client()
    wiring = app.extensions["kibeezy"]
    assert isinstance(wiring, Wiring)
    wiring.close()


def test_up_and_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "up"}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ready"})


def test_engines_that_are_away_are_named_without_their_passwords(cut_off: FlaskClient) -> None:
    named = faults(cut_off)
    assert [fault.split(":")[0] for fault in named] == ["database", "redis"]
    assert "secret" not in str(named)
    assert cut_off.get("/healthz").status_code == 200, "the process itself is up"


def test_a_database_behind_the_code_is_named(client: FlaskClient, owner: Engine) -> None:
    with owner.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    [fault] = faults(client)
    assert fault.startswith("migrations: the database is at 0001, the code needs 0")


def test_a_database_ahead_of_the_code_is_no_fault(client: FlaskClient, owner: Engine) -> None:
    # While a release goes out, the old processes work on.
    with owner.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'of tomorrow'"))
    assert client.get("/readyz").status_code == 200


def test_a_database_that_was_never_migrated_is_named(client: FlaskClient, owner: Engine) -> None:
    with owner.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    [fault] = faults(client)
    assert fault.startswith("database: ")


@pytest.mark.parametrize(
    ("table", "column"), [("seal_block", "until_xid"), ("transfer", "posted_in")]
)
def test_a_database_behind_its_seal_is_named_before_any_money_moves(
    client: FlaskClient, world: World, owner: Engine, table: str, column: str
) -> None:
    """What a dump becomes in another cluster, whose transactions begin at nought again."""
    world.has_player(balance=kes(500))
    world.seals()
    ahead = text(f"UPDATE {table} SET {column} = {column} + :step")
    for step, status in ((10**9, 503), (-(10**9), 200)):
        with owner.begin() as connection:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            connection.execute(ahead, {"step": step})
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
        assert client.get("/readyz").status_code == status
        if status == 503:
            assert [fault.split(":")[0] for fault in faults(client)] == ["seal"]


def test_what_waits_is_read_once_a_scrape_and_what_was_set_aside_waits_no_more(
    client: FlaskClient, world: World
) -> None:
    world.has_player()
    jobs = {"send_code": URGENT, "send_sms": NORMAL, "seal_ledger": NORMAL}
    with world.database.begin() as connection:
        for kind, priority in jobs.items():
            ask(connection, kind=kind, priority=priority)
        for key in ("one", "other"):
            ask(connection, kind="send_sms", key=key, priority=BULK)
    with world.owner.begin() as connection:
        aside = "UPDATE outbox SET set_aside_at = kibeezy_now() WHERE key = 'other'"
        connection.execute(text(aside))
    reads: list[str] = []
    wiring = client.application.extensions["kibeezy"]

    def statement(_1: object, _2: object, sql: str, *_more: object) -> None:
        reads.extend([sql] if "FROM outbox" in sql else [])

    event.listen(wiring.database, "before_cursor_execute", statement)
    found = metrics(client)
    assert len(reads) == 1
    waiting = [
        found["kibeezy_sms_waiting", each] for each in ("urgent", "normal", "bulk", "background")
    ]
    assert waiting == [1, 1, 1, 0]
    assert found["kibeezy_outbox_waiting", "send_sms"] == 2
    assert found["kibeezy_outbox_set_aside", "send_sms"] == 1
    assert found["kibeezy_outbox_waiting", "seal_ledger"] == 1


def test_metrics_count_what_is_in_the_tables(
    client: FlaskClient, world: World, phone: Phone
) -> None:
    world.has_market(label="Rain")
    world.has_player(phone.number, balance=kes(500))
    phone.dial().choose("Bet").choose("Rain").choose("YES").type("100").type(PIN)
    in_transaction(
        world.database, lambda c: stop(c, kind=Switch.DEPOSITS, why="broken", by="invariants")
    )

    answer = client.get("/metrics")

    assert answer.content_type.startswith("text/plain")
    found = metrics(client)
    assert found["kibeezy_markets", "open"] == 1
    assert found["kibeezy_seal_blocks",] == 0
    assert found["kibeezy_seal_oldest_unsealed_seconds",] > 0
    assert found["kibeezy_sms", "queued"] == 1
    assert found["kibeezy_outbox_waiting", "send_sms"] == 1
    assert found["kibeezy_outbox_set_aside", "send_sms"] == 0
    assert found["kibeezy_alarms_open", "switch"] == 1
    assert found["kibeezy_switch_stopped", "deposits"] == 1
    assert found["kibeezy_switch_stopped", "withdrawals"] == 0
    assert found["kibeezy_switch_stopped", "bets"] == 0


def test_metrics_tell_how_long_sms_take_and_what_is_odd_about_them(
    client: FlaskClient, world: World
) -> None:
    post = Post(world)
    quick, odd = post.sends(parts=2), post.sends()
    lost = [post.sends(), post.sends()]
    world.moves(seconds=5)
    post.hears(quick, network="63903")
    post.hears(odd, "Teleported")
    # Networks that nobody has a name for share one series.
    post.hears(lost[0], "Failed", network="63910")
    post.hears(lost[1], "Failed", network="99")
    found = metrics(client)
    assert found["kibeezy_sms", "delivered"] == 1
    assert found["kibeezy_sms", "accepted"] == 1
    assert found["kibeezy_sms_parts_differ",] == 1
    assert found["kibeezy_sms_reports_unknown",] == 1
    assert found["kibeezy_sms_ended", "Airtel", HAND.provider, "delivered"] == 1
    assert found["kibeezy_sms_ended", "other", HAND.provider, "undelivered"] == 2
    assert 5 <= found["kibeezy_sms_delivery_seconds", "Airtel", HAND.provider, "0.5"] < 15
    assert ("kibeezy_sms_delivery_seconds", "other", HAND.provider, "0.5") not in found
    world.moves(hours=2)
    assert ("kibeezy_sms", "delivered") not in metrics(client), "each hour costs the same"


def test_an_invariant_is_green_only_once_it_was_seen_to_hold(
    client: FlaskClient, world: World
) -> None:
    name = "every transfer balances"

    def told(what: str) -> float:
        return metrics(client)[f"kibeezy_invariant_{what}", name]

    assert (told("holds"), told("checked_at"), told("broken")) == (0, 0, 0)
    keep_watch(world.database, lane=Lane.QUICK)
    assert (told("holds"), told("broken"), told("violations")) == (1, 0, 0)
    assert told("due_at") >= told("checked_at") + 59
    assert told("duration_seconds") > 0
    world.moves(minutes=7)
    assert told("holds") == 0, "it was seen too long ago"
