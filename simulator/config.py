"""What the simulator is told by its environment."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass

from simulator.staff_phones import StaffPhone


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """Addresses, the demo credentials shared with the service, and the default pace."""

    port: int = 8001
    public_url: str = "http://127.0.0.1:8000"
    service_code: str = "*384*2030#"
    at_callback_secret: str = "dev-at-secret"  # noqa: S105 - opens only the simulator
    at_username: str = "kibeezy-demo"
    at_api_key: str = "demo-at-key"
    at_sender_id: str = "KIBEEZY"
    at_promo_sender_id: str = ""
    at_shortcode: str = "20300"
    infobip_api_key: str = "demo-infobip-key"
    infobip_sender: str = "KIBEEZY"
    infobip_promo_sender: str = ""
    mpesa_consumer_key: str = "demo-consumer-key"
    mpesa_consumer_secret: str = "demo-consumer-secret"  # noqa: S105 - opens only the simulator
    mpesa_shortcode: str = "174379"
    mpesa_passkey: str = "demo-passkey"
    mpesa_transaction_type: str = "CustomerPayBillOnline"
    mpesa_callback_secret: str = "dev-c2b-secret"  # noqa: S105 - opens only the simulator
    mpesa_b2c_shortcode: str = "600992"
    mpesa_initiator_name: str = "testapi"
    mpesa_security_credential: str = "demo-credential"
    callback_delay_seconds: float = 1.0
    prompt_life_seconds: float = 60.0
    session_life_seconds: float = 180.0
    staff_phones: tuple[StaffPhone, ...] = ()


class ConfigError(Exception):
    """A setting is wrong; the text names it."""


def config_from_environment(environment: Mapping[str, str] = os.environ) -> Config:
    """Read the settings; an unset one takes its default. Raises ConfigError."""
    plain = Config()

    def given(name: str, default: str) -> str:
        return environment.get(name) or default

    return Config(
        port=_port(given("SIMULATOR_PORT", str(plain.port))),
        public_url=given("PUBLIC_URL", plain.public_url).rstrip("/"),
        service_code=given("USSD_SERVICE_CODE", plain.service_code),
        # A comma list holds several secrets while one is rotated out; the first is current.
        at_callback_secret=_first(given("AT_CALLBACK_SECRET", plain.at_callback_secret)),
        at_username=given("AT_USERNAME", plain.at_username),
        at_api_key=given("AT_API_KEY", plain.at_api_key),
        at_sender_id=given("AT_SENDER_ID", plain.at_sender_id),
        at_promo_sender_id=given("AT_PROMO_SENDER_ID", plain.at_promo_sender_id),
        at_shortcode=given("AT_SHORTCODE", plain.at_shortcode),
        infobip_api_key=given("INFOBIP_API_KEY", plain.infobip_api_key),
        infobip_sender=given("INFOBIP_SENDER", plain.infobip_sender),
        infobip_promo_sender=given("INFOBIP_PROMO_SENDER", plain.infobip_promo_sender),
        mpesa_consumer_key=given("MPESA_CONSUMER_KEY", plain.mpesa_consumer_key),
        mpesa_consumer_secret=given("MPESA_CONSUMER_SECRET", plain.mpesa_consumer_secret),
        mpesa_shortcode=given("MPESA_SHORTCODE", plain.mpesa_shortcode),
        mpesa_passkey=given("MPESA_PASSKEY", plain.mpesa_passkey),
        mpesa_transaction_type=given("MPESA_TRANSACTION_TYPE", plain.mpesa_transaction_type),
        mpesa_callback_secret=_first(given("MPESA_CALLBACK_SECRET", plain.mpesa_callback_secret)),
        mpesa_b2c_shortcode=given("MPESA_B2C_SHORTCODE", plain.mpesa_b2c_shortcode),
        mpesa_initiator_name=given("MPESA_INITIATOR_NAME", plain.mpesa_initiator_name),
        mpesa_security_credential=given(
            "MPESA_SECURITY_CREDENTIAL", plain.mpesa_security_credential
        ),
        staff_phones=_staff_phones(environment.get("STAFF_PHONES", "")),
    )


_HIGHEST_PORT = 65_535


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _HIGHEST_PORT:
        message = f"SIMULATOR_PORT must be a port number from 1 to {_HIGHEST_PORT}, not {text!r}"
        raise ConfigError(message)
    return int(text)


def _staff_phones(listed: str) -> tuple[StaffPhone, ...]:
    try:
        return tuple(StaffPhone(**each) for each in json.loads(listed or "[]"))
    except (TypeError, ValueError):
        message = 'STAFF_PHONES must be a list like [{"email": "…", "secret": "…"}]'
        raise ConfigError(message) from None


def _first(comma_list: str) -> str:
    return comma_list.split(",", maxsplit=1)[0].strip()
