"""A job that the worker has given up calls a person, who lets it be done after all."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app import Wiring
from core.database import in_transaction
from core.outbox.deliver import MAX_FAILURES
from core.outbox.records import ask
from core.staff.records import Role
from tests.admin.operator import Operator
from tests.world import ASHA, BARAKA, World


@pytest.fixture
def wiring(app: Flask) -> Wiring:
    wiring: Wiring = app.extensions["kibeezy"]
    return wiring


def test_what_was_given_up_calls_a_person_who_replays_it(
    operator: Operator, world: World, wiring: Wiring
) -> None:
    world.has_admin(ASHA, Role.OWNER)
    world.has_admin(BARAKA, Role.SUPPORT)
    assert operator.types("job list") == "No job is set aside.\n"
    in_transaction(world.database, lambda c: ask(c, kind="send_sms", key="broken"))
    with world.owner.begin() as connection:
        connection.execute(text(f"UPDATE outbox SET failures = {MAX_FAILURES - 1}"))
    wiring.worker().run_due()

    [job] = operator.reads("job list --json")
    assert (job["kind"], job["key"], job["error"]) == ("send_sms", "broken", "KeyError")
    assert "KeyError" in operator.types("job list")
    [alarm] = operator.reads("alarm list --json")
    assert (alarm["kind"], alarm["subject"]) == ("job_set_aside", "jobs:send_sms")
    assert alarm["why"] == f"Job {job['id']}, send_sms, was set aside: KeyError."

    replay = f"job replay {job['id']} --reason Mended --by"
    assert "role support" in operator.is_refused(f"{replay} {BARAKA}")
    assert operator.types(f"{replay} {ASHA}") == f"Job {job['id']} is due now.\n"
    assert operator.reads("job list --json") == []
    assert operator.is_refused(f"{replay} {ASHA}") == f"Error: Job {job['id']} is not set aside."
    assert operator.is_refused(f"job replay 99 --reason x --by {ASHA}") == (
        "Error: There is no job 99."
    )
    [event] = [one for one in operator.reads("audit list --json") if one["act"] == "job.replayed"]
    assert (event["actor"], event["subject"]) == (ASHA, f"job:{job['id']}")

    assert world.count("outbox WHERE attempts = 0 AND failures = 0") == 1, "as if it were new"
    wiring.worker().run_due()
    assert world.count("outbox WHERE attempts = 1 AND failures = 1") == 1, "it was tried again"


def test_what_never_ends_goes_on_after_a_worker_of_the_release_before(
    world: World, wiring: Wiring
) -> None:
    wiring.open_worker()
    world.moves(minutes=2)
    with world.owner.begin() as connection:
        connection.execute(text("UPDATE outbox SET set_aside_at = kibeezy_now()"))
    wiring.rest(every=timedelta(0))(0.01)
    waiting = "outbox WHERE set_aside_at IS NULL AND kind"
    for kind in ("seal_ledger", "watch_codes", "watch_quick", "watch_slow", "tell_watchers"):
        assert world.count(f"{waiting} = '{kind}'") == 1, kind
