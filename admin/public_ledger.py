"""The head of the chain, for everybody: a page to read and the same as JSON."""

import base64
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import structlog
from flask import Blueprint, Response, jsonify, make_response, render_template
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from core.clock import in_nairobi, iso_time
from core.database import time_limit
from core.seal.head import Block, last_blocks
from core.settings import Settings

log = structlog.get_logger()

SHOWN: Final = 10
# However often the page is asked for, the database is asked this often, by each process.
KEPT_SECONDS: Final = 5.0
# A database that hangs must not keep the threads from callers; a connection alone may take 2 s.
READ_SECONDS: Final = 3.0
_TEMPLATES: Final = Path(__file__).parent / "templates"
_CSS: Final = (_TEMPLATES / "ledger.css").read_text()
_STYLE: Final = base64.b64encode(sha256(_CSS.encode()).digest()).decode()
_HEADERS: Final = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE}';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": f"public, max-age={KEPT_SECONDS:.0f}",
}


def blueprint(*, database: Engine, settings: Settings) -> Blueprint:
    """`/ledger` and `/ledger.json`; both answer 503 where the database is away."""
    newest = _Newest(database)
    routes = Blueprint("public_ledger", __name__, template_folder=str(_TEMPLATES))

    @routes.get("/ledger")
    def page() -> Response:
        blocks = newest.blocks()
        words = render_template(
            "ledger.html",
            css=_CSS,
            blocks=blocks,
            day=_day,
            minute=_minute,
            service_code=settings.ussd_service_code,
            shortcode=settings.at_shortcode,
            witnessed=bool(settings.seal_witnesses),
        )
        return _answer(make_response(words), blocks)

    @routes.get("/ledger.json")
    def for_programs() -> Response:
        blocks = newest.blocks()
        if blocks is None:
            return _answer(jsonify(error="The ledger cannot be read at this moment."), blocks)
        listed = [_as_json(block) for block in blocks]
        return _answer(jsonify(head=listed[0] if listed else None, blocks=listed), blocks)

    return routes


@dataclass
class _Newest:
    """The last blocks, as they were a few seconds ago at most."""

    database: Engine
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _read_at: float = float("-inf")
    _blocks: list[Block] | None = None

    def blocks(self) -> list[Block] | None:
        """None where the database could not be asked; that is remembered for as long."""
        if self._is_fresh() or not self._lock.acquire(timeout=READ_SECONDS):
            return self._blocks
        try:
            if not self._is_fresh():
                self._blocks = self._read()
                self._read_at = time.monotonic()
            return self._blocks
        finally:
            self._lock.release()

    def _is_fresh(self) -> bool:
        return time.monotonic() - self._read_at <= KEPT_SECONDS

    def _read(self) -> list[Block] | None:
        try:
            with time_limit(READ_SECONDS), self.database.connect() as connection:
                return last_blocks(connection, limit=SHOWN)
        except SQLAlchemyError:
            log.exception("public_ledger_unreadable")
            return None


def _answer(response: Response, blocks: list[Block] | None) -> Response:
    response.headers.update(_HEADERS)
    if blocks is None:
        response.status_code = 503
        response.headers["Cache-Control"] = "no-store"
    return response


def _as_json(block: Block) -> dict[str, object]:
    return {
        "number": block.number,
        "hash": block.hash,
        "transfers": block.n_transfers,
        "audit_events": block.n_events,
        "total_transfers": block.total_transfers,
        "total_audit_events": block.total_events,
        "sealed_at": iso_time(block.sealed_at),
    }


def _day(moment: datetime) -> str:
    return f"{in_nairobi(moment):%d %b %Y}"


def _minute(moment: datetime) -> str:
    return f"{in_nairobi(moment):%H:%M}"
