"""Who may have M-Pesa asked."""

import pytest

from core.database import in_transaction
from core.errors import NoSuchThing
from core.inquiries.ask_provider import note_question
from core.provider.subjects import Subject, SubjectKind
from core.staff.records import NotAllowed, Role
from tests.world import World


@pytest.mark.parametrize("role", [Role.VIEWER, Role.RESOLVER])
def test_only_who_helps_people_asks(world: World, role: Role) -> None:
    admin = world.has_admin("kamau@kibeezy.test", role)
    subject = Subject(SubjectKind.DEPOSIT, 1)
    with pytest.raises(NotAllowed):
        in_transaction(
            world.database, lambda c: note_question(c, subject=subject, why="x", by=admin)
        )


@pytest.mark.parametrize("kind", SubjectKind)
def test_nobody_asks_about_nothing(world: World, kind: SubjectKind) -> None:
    admin, subject = world.has_admin("kamau@kibeezy.test", Role.SUPPORT), Subject(kind, 99)
    with pytest.raises(NoSuchThing):
        in_transaction(
            world.database, lambda c: note_question(c, subject=subject, why="x", by=admin)
        )
    assert world.count("audit_event WHERE act LIKE '%.asked_about'") == 0
