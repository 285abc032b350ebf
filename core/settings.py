"""Every setting, from the environment, checked once at start-up."""

import os
import re
from hmac import compare_digest
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core.keyed_hash import MINIMUM_KEY_BYTES, Pepper
from core.phone import InvalidPhone, parse_phone
from core.text import Language

# How the secrets begin that `make run` shares with the simulator; everybody knows them.
DEMO = ("demo-", "dev-")
BANNED_IN_CALLBACKS = ("mpesa", "m-pesa", "safaricom", "sql", "cmd", "exe", "query")
_PATH_SECRET = re.compile(r"[\w.~\-]+", re.ASCII)
_SERVICE_CODE = re.compile(r"\*\d+(\*\d+)*#", re.ASCII)


class WrongSettings(Exception):
    """One or more settings are missing or wrong; the message names each."""


def _check_key(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value().encode()) < MINIMUM_KEY_BYTES:
        raise ValueError(f"needs at least {MINIMUM_KEY_BYTES} bytes")
    return secret


def _check_scheme(*schemes: str) -> AfterValidator:
    def check(url: str) -> str:
        if urlsplit(url).scheme not in schemes:
            raise ValueError(f"must start with {' or '.join(f'{s}://' for s in schemes)}")
        return url.rstrip("/")

    return AfterValidator(check)


def _check_http_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be a URL that starts with http:// or https://")
    if parts.query or parts.fragment:
        raise ValueError("must end with its path")
    return url.rstrip("/")


def _check_http_url_or_none(url: str) -> str:
    return _check_http_url(url) if url else url


def _check_callback_base(url: str) -> str:
    # Daraja refuses a callback's URL that contains one of these (daraja.md §6).
    banned = [word for word in BANNED_IN_CALLBACKS if word in url.lower()]
    if banned:
        raise ValueError(f"the payment provider refuses URLs with {banned[0]!r}")
    return url


def _check_path_secrets(secret: SecretStr) -> SecretStr:
    given = secret.get_secret_value()
    for part in given.split(",") if given else ():
        if not _PATH_SECRET.fullmatch(part.strip()):
            raise ValueError("takes letters, digits and -._~, several with commas between")
    return secret


def _check_callback_secrets(secret: SecretStr) -> SecretStr:
    _check_callback_base(secret.get_secret_value())
    return secret


def _check_service_code(code: str) -> str:
    if not _SERVICE_CODE.fullmatch(code):
        raise ValueError("must look like *384*2030#")
    return code


def _read_networks(listed: object) -> object:
    if not isinstance(listed, str):
        return listed
    parts = [part.strip() for part in listed.split(",") if part.strip()]
    for part in parts:
        try:
            ip_network(part)
        except ValueError:
            raise ValueError(f"{part} is no address and no network") from None
    return parts


def _read_phones(listed: object) -> object:
    if not isinstance(listed, str):
        return listed
    try:
        return tuple(parse_phone(part) for part in listed.split(",") if part.strip())
    except InvalidPhone as refusal:
        raise ValueError(refusal.text.in_(Language.ENGLISH)) from None


def _check_filled(secret: SecretStr) -> SecretStr:
    if not secret.get_secret_value():
        raise ValueError("must not be empty")
    return secret


DatabaseUrl = Annotated[str, _check_scheme("postgresql")]
HttpUrl = Annotated[str, AfterValidator(_check_http_url)]
PathSecretsOrNone = Annotated[SecretStr, AfterValidator(_check_path_secrets)]
PathSecrets = Annotated[PathSecretsOrNone, AfterValidator(_check_filled)]
# These stand in addresses that the payment provider reads.
CallbackSecrets = Annotated[PathSecrets, AfterValidator(_check_callback_secrets)]
Networks = Annotated[
    tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_read_networks)
]
Phones = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_read_phones)]
Key = Annotated[SecretStr, AfterValidator(_check_key)]
Secret = Annotated[SecretStr, AfterValidator(_check_filled)]
Name = Annotated[str, Field(min_length=1)]
SenderId = Annotated[str, Field(max_length=11)]
Shillings = Annotated[int, Field(ge=1, le=250_000)]
# One septet a character, so that whatever it is fits its page.
ShownToPlayers = Annotated[str, Field(max_length=24, pattern=r"^[A-Za-z0-9 ./+-]*$")]


class Settings(BaseSettings):
    """Every setting of the README's table, under its own upper-case name in the environment.

    A variable of the environment wins over the file `env` that `make run` leaves in its home,
    which lets an operator's command in another terminal find the running service. Its demo
    secrets are refused where anybody else could call.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    database_url: DatabaseUrl
    migration_database_url: DatabaseUrl | None = None
    redis_url: Annotated[str, _check_scheme("redis", "rediss", "unix")]
    secret_key: Key
    pin_pepper: Key
    public_url: Annotated[HttpUrl, AfterValidator(_check_callback_base)]
    bind_address: Name = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    web_processes: Annotated[int, Field(ge=1, le=64)] = 1
    ussd_service_code: Annotated[str, AfterValidator(_check_service_code)]
    at_username: Name
    at_api_key: Secret
    at_sender_id: SenderId = ""
    at_promo_sender_id: SenderId = ""
    at_shortcode: Name
    at_base_url: HttpUrl
    at_insights_url: HttpUrl
    at_callback_secret: PathSecrets
    infobip_base_url: Annotated[str, AfterValidator(_check_http_url_or_none)] = ""
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
    def pepper(self) -> Pepper:
        """The key for PIN and code hashes."""
        return Pepper(self.pin_pepper.get_secret_value().encode())

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
