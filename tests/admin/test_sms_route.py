"""Who carries the SMS, as an operator sees and decides it."""

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from core.staff.records import Role
from tests.admin.operator import MISUSED, Operator
from tests.world import ASHA, BARAKA, World


@pytest.fixture(autouse=True)
def _some_failed(world: World) -> None:
    world.has_admin(ASHA, Role.OWNER)
    world.has_admin(BARAKA, Role.SUPPORT)
    with world.owner.begin() as connection:
        connection.execute(
            text("INSERT INTO sms_failure (carrier, reason) VALUES ('infobip', 'HTTP 503')")
        )


def metrics(client: FlaskClient) -> dict[tuple[str, ...], float]:
    body = client.get("/metrics").get_data(as_text=True)
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(body)
        for sample in family.samples
    }


def test_an_operator_sees_who_carries_and_decides_it(
    operator: Operator, client: FlaskClient
) -> None:
    shown = operator.types("sms route")
    assert shown.startswith("SMS go by Africa's Talking since ")
    assert "infobip" in shown
    read = operator.reads("sms route --json")
    assert (read["carrier"], read["forced_by"]) == ("africas_talking", None)
    assert read["lately"]["infobip"] == {"accepted": 0, "failures": 1, "judged": 0, "slow": 0}
    assert metrics(client)["kibeezy_sms_carrier", "africas_talking"] == 1

    use = "sms use infobip --why 'Their invoice is open.' --by"
    assert "role support" in operator.is_refused(f"{use} {BARAKA}")
    assert operator.types(f"{use} {ASHA}") == "SMS go by infobip alone from now on.\n"
    assert operator.types(f"{use} {ASHA}") == "SMS go by infobip alone already.\n"
    assert f"Their invoice is open. {ASHA} decided so." in operator.types("sms route")
    found = metrics(client)
    assert found["kibeezy_sms_carrier", "infobip"] == found["kibeezy_sms_carrier_forced",] == 1
    assert found["kibeezy_sms_failures_lately", "infobip", "HTTP 503"] == 1

    back = f"sms use auto --why Paid. --by {ASHA}"
    assert operator.types(back) == "The service chooses from now on.\n"
    assert operator.types(back) == "The service chooses already.\n"
    acts = [event["act"] for event in operator.reads("audit list --json")]
    assert sorted(act for act in acts if act.startswith("sms.")) == [
        "sms.route_chosen",
        "sms.route_released",
    ]


def test_there_is_no_third_provider(operator: Operator) -> None:
    operator.is_refused(f"sms use pigeon --why x --by {ASHA}", status=MISUSED)
