"""One withdrawal or paybill payment, and everything that happened to it, at the terminal."""

from tests.admin.operator import Operator
from tests.core.paybill.payer import pays
from tests.core.withdrawals.teller import Teller
from tests.world import World

PLAYER = "+254712345678"


def test_a_withdrawal_is_told_and_the_look_is_written_down(
    operator: Operator, world: World
) -> None:
    asked = Teller.of_a_new_player(world, phone=PLAYER).goes_out()
    told = operator.types(f"withdrawal show {asked.id}")
    for words in (PLAYER, asked.reference, "KES 500", "SIM asked about", "withdrawal.accepted"):
        assert words in told
    assert "-KES 500 player_available" in told.replace("\n", " ")
    shown = operator.reads(f"withdrawal show {asked.id} --json")
    [listed] = operator.reads("withdrawal list --json")
    timeline = shown.pop("timeline")
    assert shown == listed
    [held] = [each for each in timeline if each["what"] == "transfer"]
    assert sorted(line["cents"] for line in held["lines"]) == [-50_000, 50_000]
    looks = operator.reads(f"audit list --subject withdrawal:{asked.id} --json")
    assert [each["act"] for each in looks[:2]] == ["withdrawal.shown"] * 2
    assert "no withdrawal 99" in operator.is_refused("withdrawal show 99")


def test_a_paybill_payment_is_told_and_the_look_is_written_down(
    operator: Operator, world: World
) -> None:
    stray = pays(world, account="0700000O01")
    told = operator.types(f"c2b show {stray}")
    for words in ("KES 500", "0700000O01", "unknown account", "paybill.suspense", "mpesa_suspense"):
        assert words in told
    shown = operator.reads(f"c2b show {stray} --json")
    assert (shown["state"], shown["amount_cents"]) == ("suspense", 50_000)
    assert [each["what"] for each in shown["timeline"] if each["what"] != "look due"] == [
        "heard of",
        "transfer",
        "paybill.suspense",
    ]
    looks = operator.reads(f"audit list --subject paybill:{stray} --json")
    assert [each["act"] for each in looks[:2]] == ["paybill.shown"] * 2
    assert "no paybill payment 99" in operator.is_refused("c2b show 99")
