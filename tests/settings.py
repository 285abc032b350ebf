"""A full set of settings, pointing at providers that nobody answers for."""

from typing import Any

from core.settings import Settings

NOWHERE = "http://127.0.0.1:9"

DEFAULTS: dict[str, Any] = {
    "secret_key": "test-secret-key-of-thirty-two-bytes!",
    "pin_pepper": "test-pin-pepper-of-thirty-two-bytes!",
    "public_url": "http://127.0.0.1:8000",
    "ussd_service_code": "*384*2030#",
    "at_username": "kibeezy-demo",
    "at_api_key": "demo-at-key",
    "at_sender_id": "KIBEEZY",
    "at_shortcode": "20300",
    "at_base_url": f"{NOWHERE}/version1",
    "at_insights_url": f"{NOWHERE}/v1",
    "at_callback_secret": "dev-at-secret",
    "infobip_callback_secret": "dev-infobip-secret",
    "mpesa_base_url": NOWHERE,
    "mpesa_consumer_key": "demo-consumer-key",
    "mpesa_consumer_secret": "demo-consumer-secret",
    "mpesa_shortcode": "174379",
    "mpesa_passkey": "demo-passkey",
    "mpesa_transaction_type": "CustomerPayBillOnline",
    "mpesa_b2c_shortcode": "600992",
    "mpesa_initiator_name": "testapi",
    "mpesa_security_credential": "demo-credential",
    "mpesa_callback_secret": "dev-c2b-secret",
    "mpesa_queries_per_minute": 600,
    "sms_per_second": 1_000,
}


def make_settings(**changes: Any) -> Settings:  # noqa: ANN401 - values of any setting
    return Settings.model_validate({**DEFAULTS, **changes})
