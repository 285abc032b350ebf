"""Use cases: ask the provider's Transaction Status about a payment, and know the answer again."""

import secrets
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, func, select

from core.provider.records import provider_callback, status_question
from core.provider.subjects import Subject, SubjectKind

TOKEN_BYTES: Final = 16


@dataclass(frozen=True)
class Question:
    """A question about to be asked. The token is secret: it goes into the answer's address only."""

    id: int
    token: str = field(repr=False)


@dataclass(frozen=True)
class Answered:
    """A stored answer: what it is about, and the id that the provider gave to the question."""

    subject: Subject
    body: str
    trusted: bool
    conversation_id: str | None

    def knows(self, answered_as: str | None) -> bool:
        """Whether an answer under this id can be the question's; its own id may be lost."""
        return self.conversation_id is None or self.conversation_id == answered_as


def begin_question(connection: Connection, *, subject: Subject) -> Question:
    """Write the question down with a token of its own; commit before asking. A repeat asks anew."""
    # Lower-case hex: other alphabets spell words that Daraja bans from URLs (daraja.md §6).
    token = secrets.token_hex(TOKEN_BYTES)
    row = status_question.insert().values({"token": token, subject.column: subject.id})
    question_id = connection.execute(row.returning(status_question.c.id)).scalar_one()
    return Question(question_id, token)


def question_taken(
    connection: Connection, *, question_id: int, conversation_id: str | None
) -> None:
    """Note the provider's own id of the question, by which its answer is known."""
    connection.execute(
        status_question.update()
        .where(status_question.c.id == question_id, status_question.c.conversation_id.is_(None))
        .values(conversation_id=conversation_id)
    )


def take_answer(connection: Connection, *, callback_id: int) -> Answered | None:
    """A stored answer, once; None for a repeat. Holds its row until the transaction ends."""
    callback = provider_callback.c
    # What it is about stands on the question; the callback has columns of the same names.
    row = connection.execute(
        select(callback.processed_at, callback.body, callback.trusted, status_question)
        .join(status_question, status_question.c.id == provider_callback.c.question_id)
        .where(provider_callback.c.id == callback_id)
        .with_for_update(of=provider_callback, key_share=True)
    ).one()
    if row.processed_at is not None:
        return None
    known = {kind: getattr(row, Subject(kind, 0).column) for kind in SubjectKind}
    ((kind, subject_id),) = ((kind, id_) for kind, id_ in known.items() if id_ is not None)
    return Answered(Subject(kind, subject_id), row.body, row.trusted, row.conversation_id)


def close_answer(connection: Connection, *, callback_id: int, verdict: str) -> None:
    """Note what an answer, or any other callback, led to."""
    callback = provider_callback.c
    connection.execute(
        provider_callback.update()
        .where(callback.id == callback_id)
        .values(processed_at=func.kibeezy_now(), verdict=verdict)
    )
    question = select(callback.question_id).where(callback.id == callback_id).scalar_subquery()
    connection.execute(
        status_question.update()
        .where(status_question.c.id == question, status_question.c.answered_at.is_(None))
        .values(answered_at=func.kibeezy_now())
    )
