"""Admins are made from the command line; the password comes only from standard input."""

import pytest

from core.staff.records import Role
from tests.admin.operator import MISUSED, Operator
from tests.world import World

CREATE = "admin create --email chebet@kibeezy.test --role resolver"
PASSWORD = "correct horse battery"


def test_an_admin_is_made_and_may_act(operator: Operator, world: World) -> None:
    said = operator.types(
        f"{CREATE} --phone 0712345678 --password-stdin", stdin=f"{PASSWORD}\nsecond line\n"
    )

    assert said.startswith("Admin chebet@kibeezy.test created with the role resolver.\n")
    operator.types(
        "market create --question 'Will it rain?' --closes-at 2099-12-31T18:00+03:00"
        " --by Chebet@Kibeezy.test"
    )
    kept = world.everything_stored()
    assert "+254712345678" in kept
    assert not any(PASSWORD in value for value in kept)


def test_the_password_is_read_from_standard_input_only(operator: Operator, world: World) -> None:
    assert "--password-stdin" in operator.is_refused(CREATE, status=MISUSED)
    fault = operator.is_refused(f"{CREATE} --password {PASSWORD!r}", status=MISUSED)
    assert "No such option" in fault
    assert world.count("admin") == 0


@pytest.mark.parametrize(
    ("options", "stdin", "words"),
    [
        ("", "short\n", "12 to 256 characters"),
        ("", "", "12 to 256 characters"),
        ("--phone 0212345678", f"{PASSWORD}\n", "not a Kenyan mobile number"),
        ("--email nobody", f"{PASSWORD}\n", "not an e-mail address"),
    ],
)
def test_a_wrong_admin_is_refused(
    operator: Operator, world: World, options: str, stdin: str, words: str
) -> None:
    assert words in operator.is_refused(f"{CREATE} --password-stdin {options}", stdin=stdin)
    assert world.count("admin") == 0


def test_an_address_or_a_phone_belongs_to_one_admin(operator: Operator, world: World) -> None:
    line = f"{CREATE} --phone 0712345678 --password-stdin"
    operator.types(line, stdin=f"{PASSWORD}\n")

    assert "already" in operator.is_refused(line, stdin=f"{PASSWORD}\n")
    same_phone = f"{line} --email other@kibeezy.test"
    assert "already" in operator.is_refused(same_phone, stdin=f"{PASSWORD}\n")
    assert world.count("admin") == 1


def test_a_role_is_one_of_five(operator: Operator) -> None:
    line = "admin create --email a@b.test --role boss --password-stdin"
    fault = operator.is_refused(line, status=MISUSED)
    for role in ("owner", "resolver", "finance", "support", "viewer"):
        assert role in fault


def test_who_works_here_is_listed_for_people_and_programs(operator: Operator, world: World) -> None:
    world.has_admin("asha@kibeezy.test", Role.OWNER)
    operator.types(f"{CREATE} --password-stdin", stdin=f"{PASSWORD}\n")
    said = operator.types("admin list")
    for words in ("asha@kibeezy.test", "owner", "chebet@kibeezy.test", "resolver", "not yet"):
        assert words in said
    [asha, chebet] = operator.reads("admin list --json")
    assert (asha["role"], chebet["role"]) == ("owner", "resolver")
    assert chebet == {
        "email": "chebet@kibeezy.test",
        "phone": None,
        "role": "resolver",
        "enrolled": False,
        "last_seen_at": None,
        "locked_until": None,
        "disabled_at": None,
        "demo": False,
    }


def test_who_is_shut_out_acts_no_more_and_is_invited_no_more(
    operator: Operator, world: World
) -> None:
    world.has_admin("asha@kibeezy.test", Role.OWNER)
    operator.types(f"{CREATE} --password-stdin", stdin=f"{PASSWORD}\n")
    line = "admin disable chebet@kibeezy.test"
    assert "may not do that" in operator.is_refused(f"{line} --by chebet@kibeezy.test")
    said = operator.types(f"{line} --by asha@kibeezy.test")
    assert said == "Admin chebet@kibeezy.test is shut out; every session has ended.\n"
    for refused in (line, "admin enrol chebet@kibeezy.test"):
        assert "is disabled" in operator.is_refused(f"{refused} --by asha@kibeezy.test")
    assert "is disabled" in operator.is_refused(
        "switch off bets --reason x --by chebet@kibeezy.test"
    )
    assert "disabled" in operator.types("admin list")


def test_only_owners_invite_others(operator: Operator, world: World) -> None:
    for email, role in (("asha@kibeezy.test", Role.OWNER), ("daudi@kibeezy.test", Role.FINANCE)):
        world.has_admin(email, role)
    line = "admin enrol asha@kibeezy.test --by"
    assert "may not do that" in operator.is_refused(f"{line} daudi@kibeezy.test")
    assert "There is no admin nobody" in operator.is_refused(f"{line} nobody@kibeezy.test")
    said = operator.types("admin enrol daudi@kibeezy.test --by asha@kibeezy.test")
    assert "Enrolment of daudi@kibeezy.test, good once, for 24 hours, with their password" in said
