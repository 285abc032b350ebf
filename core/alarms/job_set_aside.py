"""Calls a person where the worker has given a job up."""

from sqlalchemy import Connection

from core.alarms.raise_alarm import raise_alarm
from core.outbox.records import Job


def call_for_job(connection: Connection, job: Job, error: str) -> None:
    """Raise one alarm for each kind of job: where one is given up, often many are."""
    why = f"Job {job.id}, {job.kind}, was set aside: {error}."
    raise_alarm(connection, kind="job_set_aside", subject=f"jobs:{job.kind}", why=why)
