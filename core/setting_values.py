"""What kinds of values settings take, and how each is checked."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from core.keyed_hash import MINIMUM_KEY_BYTES
from core.phone import InvalidPhone, parse_phone
from core.text import Language

BANNED_IN_CALLBACKS = ("mpesa", "m-pesa", "safaricom", "sql", "cmd", "exe", "query")
_PATH_SECRET = re.compile(r"[\w.~\-]+", re.ASCII)
_SERVICE_CODE = re.compile(r"\*\d+(\*\d+)*#", re.ASCII)


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
RedisUrl = Annotated[str, _check_scheme("redis", "rediss", "unix")]
HttpUrl = Annotated[str, AfterValidator(_check_http_url)]
HttpUrlOrNone = Annotated[str, AfterValidator(_check_http_url_or_none)]
# The providers call back below it.
PublicUrl = Annotated[HttpUrl, AfterValidator(_check_callback_base)]
ServiceCode = Annotated[str, AfterValidator(_check_service_code)]
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
