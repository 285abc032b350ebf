"""Which providers the settings name, and settings that name half of one."""

import pytest

from core.settings import WrongSettings, load_settings
from sms.africas_talking import AfricasTalkingSender
from sms.infobip import InfobipSender
from sms.senders import sms_senders
from tests.settings import DEFAULTS, NOWHERE, make_settings

INFOBIP = {
    "infobip_base_url": NOWHERE,
    "infobip_api_key": "demo-infobip-key",
    "infobip_callback_secret": "dev-infobip-secret",
    "infobip_sender": "KIBEEZY",
}
ENGINES = {"database_url": "postgresql://nobody@/none", "redis_url": "redis://localhost"}


def test_one_provider_is_enough_and_a_second_stands_behind_it() -> None:
    [alone] = sms_senders(make_settings(**ENGINES))
    assert isinstance(alone, AfricasTalkingSender)
    first, second = sms_senders(make_settings(**ENGINES, **INFOBIP))
    assert isinstance(first, AfricasTalkingSender)
    assert isinstance(second, InfobipSender)


@pytest.mark.parametrize("missing", INFOBIP)
def test_half_of_a_provider_is_named_at_start_up(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    for name, value in {**DEFAULTS, **ENGINES, **INFOBIP}.items():
        monkeypatch.setenv(name.upper(), str(value))
    assert load_settings().infobip_sender == "KIBEEZY"
    monkeypatch.setenv(missing.upper(), "")
    with pytest.raises(WrongSettings, match=f"^{missing.upper()}: missing"):
        load_settings()


def test_a_sender_of_news_alone_is_half_a_provider_too() -> None:
    with pytest.raises(ValueError, match="INFOBIP_BASE_URL, INFOBIP_API_KEY, INFOBIP_SENDER"):
        make_settings(**ENGINES, infobip_promo_sender="NEWS")


@pytest.mark.parametrize("url", ["infobip.test", "ftp://infobip.test", "https://x.test/?a=b"])
def test_an_address_that_is_none_is_named(url: str) -> None:
    with pytest.raises(ValueError, match="must"):
        make_settings(**ENGINES, **{**INFOBIP, "infobip_base_url": url})


def test_a_demo_key_is_refused_in_public() -> None:
    with pytest.raises(ValueError, match="INFOBIP_API_KEY"):
        make_settings(**ENGINES, **INFOBIP, public_url="https://hooks.example.co.ke")


def test_reports_come_back_under_the_newest_secret() -> None:
    infobip = {**INFOBIP, "infobip_callback_secret": "new-one, old-one"}
    settings = make_settings(**ENGINES, **infobip)
    assert settings.infobip_report_url == "http://127.0.0.1:8000/sms/new-one/infobip/delivery"


def test_a_secret_of_both_providers_is_refused() -> None:
    both = {**INFOBIP, "infobip_callback_secret": "its-own, dev-at-secret"}
    with pytest.raises(ValueError, match=r"INFOBIP_CALLBACK_SECRET.*AT_CALLBACK_SECRET"):
        make_settings(**ENGINES, **both)


@pytest.mark.parametrize("secret", ["a/b", "one,,two", "eins zwei"])
def test_a_secret_that_is_no_part_of_a_path_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="letters, digits"):
        make_settings(**ENGINES, **{**INFOBIP, "infobip_callback_secret": secret})
