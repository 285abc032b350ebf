"""Every setting, from the environment, checked once at start-up."""

import os
from datetime import timedelta
from hmac import compare_digest
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.keyed_hash import Pepper
from core.setting_values import (
    CallbackSecrets,
    DatabaseUrl,
    HttpUrl,
    HttpUrlOrNone,
    Key,
    Name,
    Networks,
    PathSecrets,
    PathSecretsOrNone,
    Phones,
    PublicUrl,
    RedisUrl,
    Secret,
    SenderId,
    ServiceCode,
    Shillings,
    ShownToPlayers,
)

# How the secrets begin that `make run` shares with the simulator; everybody knows them.
DEMO = ("demo-", "dev-")


class WrongSettings(Exception):
    """One or more settings are missing or wrong; the message names each."""


class Settings(BaseSettings):
    """Every setting of the README's table, under its own upper-case name in the environment.

    A variable of the environment wins over the file `env` that `make run` leaves in its home,
    which lets an operator's command in another terminal find the running service. Its demo
    secrets are refused where anybody else could call.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    database_url: DatabaseUrl
    migration_database_url: DatabaseUrl | None = None
    redis_url: RedisUrl
    secret_key: Key
    pin_pepper: Key
    public_url: PublicUrl
    bind_address: Name = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    web_processes: Annotated[int, Field(ge=1, le=64)] = 1
    ussd_service_code: ServiceCode
    at_username: Name
    at_api_key: Secret
    at_sender_id: SenderId = ""
    at_promo_sender_id: SenderId = ""
    at_shortcode: Name
    at_base_url: HttpUrl
    at_insights_url: HttpUrl
    at_callback_secret: PathSecrets
    infobip_base_url: HttpUrlOrNone = ""
    infobip_api_key: SecretStr = SecretStr("")
    infobip_callback_secret: PathSecretsOrNone = SecretStr("")
    infobip_sender: SenderId = ""
    infobip_promo_sender: SenderId = ""
    sms_per_second: Annotated[int, Field(ge=1, le=1_000)] = 20
    mpesa_base_url: HttpUrl
    mpesa_consumer_key: Secret
    mpesa_consumer_secret: Secret
    mpesa_shortcode: Annotated[str, Field(pattern=r"^\d{5,7}$")]
    mpesa_passkey: Secret
    mpesa_transaction_type: Literal["CustomerPayBillOnline", "CustomerBuyGoodsOnline"]
    mpesa_b2c_shortcode: Annotated[str, Field(pattern=r"^\d{5,7}$")]
    mpesa_initiator_name: Name
    mpesa_security_credential: Secret
    mpesa_callback_secret: CallbackSecrets
    mpesa_queries_per_minute: Annotated[int, Field(ge=1)] = 5
    callback_allowed_ips: Networks = ()
    trusted_proxy_count: Annotated[int, Field(ge=0, le=5)] = 0
    stk_push_delay_seconds: Annotated[int, Field(ge=0, le=60)] = 3
    platform_fee_bps: Annotated[int, Field(ge=0, le=10_000)] = 1000
    stake_min_kes: Shillings = 20
    stake_max_kes: Shillings = 20_000
    deposit_min_kes: Shillings = 1
    deposit_max_kes: Shillings = 150_000
    withdrawal_min_kes: Annotated[int, Field(ge=10, le=250_000)] = 10
    withdrawal_max_kes: Shillings = 150_000
    licence_number: ShownToPlayers = ""
    helpline: ShownToPlayers = ""
    challenge_window_minutes: Annotated[int, Field(ge=0, le=30 * 24 * 60)] = 0
    seal_witnesses: Phones = ()
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        for kind in ("stake", "deposit", "withdrawal"):
            low, high = getattr(self, f"{kind}_min_kes"), getattr(self, f"{kind}_max_kes")
            if low > high:
                name = kind.upper()
                raise ValueError(f"{name}_MIN_KES ({low}) is above {name}_MAX_KES ({high})")
        return self

    @model_validator(mode="after")
    def _second_provider_whole(self) -> Self:
        needed = {
            "INFOBIP_BASE_URL": self.infobip_base_url,
            "INFOBIP_API_KEY": self.infobip_api_key.get_secret_value(),
            "INFOBIP_SENDER": self.infobip_sender,
        }
        given = self.infobip_promo_sender or any(needed.values())
        # The secret may stand alone: reports still come after the rest was taken away.
        needed["INFOBIP_CALLBACK_SECRET"] = self.infobip_callback_secret.get_secret_value()
        missing = [name for name, value in needed.items() if not value]
        if missing and given:
            raise ValueError(f"{', '.join(missing)}: missing, but others of INFOBIP_… are set")
        if set(_listed(self.infobip_callback_secret)) & set(_listed(self.at_callback_secret)):
            raise ValueError(
                "INFOBIP_CALLBACK_SECRET: also in AT_CALLBACK_SECRET, which opens more"
            )
        return self

    @model_validator(mode="after")
    def _no_demo_in_public(self) -> Self:
        demo = [
            name.upper()
            for name, value in self
            if isinstance(value, SecretStr) and value.get_secret_value().startswith(DEMO)
        ]
        if demo and not self.is_local:
            names = ", ".join(demo)
            raise ValueError(f"{names}: a demo's value, but PUBLIC_URL is not this machine")
        return self

    @property
    def is_local(self) -> bool:
        """Whether only this machine can call: then a demo harms nobody."""
        host = urlsplit(self.public_url).hostname or ""
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    @property
    def challenge_window(self) -> timedelta:
        """How long a proposed result may be disputed."""
        return timedelta(minutes=self.challenge_window_minutes)

    @property
    def pepper(self) -> Pepper:
        """The key for PIN and code hashes."""
        return Pepper(self.pin_pepper.get_secret_value().encode())

    @property
    def staff_key(self) -> Pepper:
        """The key for the sessions and second factors of staff."""
        return Pepper(self.secret_key.get_secret_value().encode())

    def knows_callback_secret(self, given: str) -> bool:
        """Whether a path's secret is one of Africa's Talking's that are accepted now."""
        return _is_one_of(self.at_callback_secret, given)

    def knows_infobip_secret(self, given: str) -> bool:
        """The same of Infobip's, which opens its delivery reports and nothing else."""
        return _is_one_of(self.infobip_callback_secret, given)

    def knows_paybill_secret(self, given: str) -> bool:
        """The same of the paybill's: several while one is rotated out."""
        return _is_one_of(self.mpesa_callback_secret, given)

    @property
    def infobip_report_url(self) -> str:
        """Where the second provider of SMS posts its delivery reports: each message names it."""
        return f"{self.public_url}/sms/{_listed(self.infobip_callback_secret)[0]}/infobip/delivery"

    @property
    def newest_paybill_secret(self) -> str:
        """The one that the provider is told: the first of the list."""
        return _listed(self.mpesa_callback_secret)[0]


def _listed(secrets: SecretStr) -> list[str]:
    return [one.strip() for one in secrets.get_secret_value().split(",") if one.strip()]


def _is_one_of(secrets: SecretStr, given: str) -> bool:
    # Every one is compared, so that the time taken tells nothing about any.
    return any([compare_digest(given.encode(), one.encode()) for one in _listed(secrets)])  # noqa: C419


def load_settings() -> Settings:
    """Read and check every setting. Raises WrongSettings, naming each that is missing or wrong."""
    home = Path(os.environ.get("KIBEEZY_HOME", "var"))
    try:
        return Settings(_env_file=home / "env")  # type: ignore[call-arg]
    except ValidationError as error:
        raise WrongSettings("; ".join(_name_fault(fault) for fault in error.errors())) from None


def _name_fault(fault: object) -> str:
    assert isinstance(fault, dict)
    name = "_".join(str(part) for part in fault["loc"][:1]).upper()
    message = str(fault["msg"]).removeprefix("Value error, ")
    if fault["type"] == "missing":
        return f"{name} is missing"
    return f"{name}: {message}" if name else message
