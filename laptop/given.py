"""Checks that a PostgreSQL or Redis which the person named really answers."""

import psycopg
import redis
from psycopg.conninfo import conninfo_to_dict

from laptop.errors import CannotStart

_ANSWER_SECONDS = 5


def require_postgres(*, variable: str, url: str) -> None:
    """Raises CannotStart, naming the variable and the place but never the password."""
    try:
        place = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise CannotStart(f"{variable} is not a postgresql:// URL.") from None
    try:
        psycopg.connect(url, connect_timeout=_ANSWER_SECONDS).close()
    except psycopg.OperationalError as fault:
        where = f"{place.get('host', 'localhost')}:{place.get('port', 5432)}"
        why = str(fault).strip().splitlines()[0]
        raise CannotStart(f"{variable}: no PostgreSQL lets us in at {where} ({why})") from None


def require_redis(*, url: str) -> None:
    """Raises CannotStart, naming the variable but never the password."""
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=_ANSWER_SECONDS) as client:
            client.ping()
    except ValueError:
        raise CannotStart("REDIS_URL is not a redis:// or unix:// URL.") from None
    except redis.RedisError as fault:
        raise CannotStart(f"REDIS_URL: no Redis answers there ({fault})") from None
