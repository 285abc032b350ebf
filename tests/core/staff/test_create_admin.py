import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, select

from core.audit_trail.records import audit_event
from core.database import in_transaction
from core.phone import InvalidPhone
from core.staff.create_admin import AlreadyAdmin, InvalidEmail, create_admin
from core.staff.password import WeakPassword
from core.staff.records import Admin, Role, admin, find_admin

PASSWORD = "correct horse battery"


def add(
    database: Engine,
    email: str = "asha@kibeezy.test",
    phone: str | None = None,
    password: str = PASSWORD,
) -> Admin:
    return in_transaction(
        database,
        lambda c: create_admin(c, email=email, phone=phone, role=Role.OWNER, password=password),
    )


def test_an_admin_is_found_by_address_in_any_case(database: Engine) -> None:
    new = add(database, email=" Asha@Kibeezy.Test ", phone="0712345678")
    with database.connect() as connection:
        assert find_admin(connection, email="ASHA@kibeezy.test") == new
    assert (new.email, new.phone) == ("asha@kibeezy.test", "+254712345678")


def test_only_an_argon2id_hash_of_the_password_is_kept(database: Engine) -> None:
    add(database)
    with database.connect() as connection:
        stored = connection.execute(select(admin.c.password_hash)).scalar_one()
        [event] = connection.execute(select(audit_event)).all()
    assert stored.startswith("$argon2id$")
    assert PasswordHasher().verify(stored, PASSWORD)
    assert PASSWORD not in str(event)


@pytest.mark.parametrize(
    "email", ["", "asha", "asha@", "@kibeezy.test", "a b@kibeezy.test", "a@b", "a@b..c", "a@b.c@d"]
)
def test_what_is_no_address(database: Engine, email: str) -> None:
    with pytest.raises(InvalidEmail):
        add(database, email=email)


@pytest.mark.parametrize("password", ["", "eleven char", "x" * 257])
def test_a_password_must_take_long_to_guess(database: Engine, password: str) -> None:
    with pytest.raises(WeakPassword):
        add(database, password=password)


def test_the_phone_is_a_kenyan_mobile(database: Engine) -> None:
    with pytest.raises(InvalidPhone):
        add(database, phone="12345")


def test_an_address_or_phone_belongs_to_one_admin(database: Engine) -> None:
    add(database, phone="0712345678")
    with pytest.raises(AlreadyAdmin):
        add(database, email="ASHA@kibeezy.test")
    with pytest.raises(AlreadyAdmin):
        add(database, email="baraka@kibeezy.test", phone="+254712345678")
