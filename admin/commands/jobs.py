"""Commands about jobs that the worker has given up."""

import click
from sqlalchemy import Engine

from admin.commands.speaking import (
    acting_as,
    as_json,
    iso,
    minute,
    plainly,
    say,
    show_json,
    show_table,
)
from core.database import in_transaction
from core.outbox.replay import AsideJob, list_set_aside, replay
from core.staff.records import find_admin


def group(*, database: Engine) -> click.Group:
    """The group `job`."""

    @click.group("job")
    def job() -> None:
        """Work that was set aside for a person."""

    @job.command("list")
    @as_json
    @plainly
    def list_(*, wants_json: bool) -> None:
        """The jobs that were set aside."""
        found = in_transaction(database, list_set_aside)
        if wants_json:
            show_json([_as_dict(one) for one in found])
        else:
            _show(found)

    @job.command("replay")
    @click.argument("job_id", metavar="ID", type=int)
    @click.option("--reason", required=True, help="Why, for whoever asks later.")
    @acting_as
    @plainly
    def replay_(job_id: int, reason: str, email: str) -> None:
        """Let the worker try a job again that was set aside."""
        in_transaction(
            database,
            lambda c: replay(c, job_id=job_id, why=reason, by=find_admin(c, email=email)),
        )
        say(f"Job {job_id} is due now.")

    return job


def _as_dict(job: AsideJob) -> dict[str, object]:
    return {
        "id": job.id,
        "kind": job.kind,
        "key": job.key,
        "set_aside_at": iso(job.set_aside_at),
        "error": job.error,
    }


def _show(jobs: list[AsideJob]) -> None:
    if not jobs:
        say("No job is set aside.")
        return
    show_table(
        ("ID", "Kind", "Key", "Since", "Error"),
        [(one.id, one.kind, one.key or "", minute(one.set_aside_at), one.error) for one in jobs],
    )
