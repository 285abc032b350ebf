"""One access token for all processes: each new one kills the one before (daraja.md §1)."""

import threading
import time
from hashlib import sha256
from typing import Final

import requests
import structlog
from redis import Redis
from redis.exceptions import LockError, RedisError

from core.settings import Settings

log = structlog.get_logger()

TIMEOUT_SECONDS: Final = (5, 10)
RENEW_BEFORE_SECONDS: Final = 60
# Safaricom's text says 3600 s, its answer 3599; only used where the answer has no number.
USUAL_LIFE_SECONDS: Final = 3599
# Longer than one mint may take, so that the lock never runs out under it.
LOCK_SECONDS: Final = 20


class NoAccess(Exception):
    """No token can be had: nothing was sent, so nothing has happened."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Access:
    """Hands out the shared token.

    Without Redis each process mints its own and so kills the others': a call is then sent once
    more, and refused, with nothing done, where its new token was killed as well.
    """

    def __init__(self, *, settings: Settings, redis_client: Redis) -> None:
        self._base_url = settings.mpesa_base_url
        self._key = settings.mpesa_consumer_key.get_secret_value()
        self._secret = settings.mpesa_consumer_secret.get_secret_value()
        self._redis = redis_client
        # Another application's token must not be found here after the keys were changed.
        name = sha256(f"{self._base_url} {self._key}".encode()).hexdigest()[:16]
        self._name = f"mpesa:token:{{{name}}}"
        self._own_lock = threading.Lock()
        self._own: tuple[str, float] | None = None

    def token(self) -> str:
        """The live token, minted only where there is none. Raises NoAccess."""
        return self._read() or self._mint_once(failed=None)

    def renew(self, *, failed: str) -> str:
        """A token other than the one that was refused; one flight mints it. Raises NoAccess."""
        return self._mint_once(failed=failed)

    def _read(self) -> str | None:
        try:
            kept = self._redis.get(self._name)
        except RedisError:
            return self._read_own()
        if isinstance(kept, bytes):
            return kept.decode()
        return kept if isinstance(kept, str) else None

    def _mint_once(self, *, failed: str | None) -> str:
        # Threads of this process queue up here, so that only one of them waits for Redis.
        with self._own_lock:
            try:
                with self._redis.lock(
                    f"{self._name}:lock", timeout=LOCK_SECONDS, blocking_timeout=LOCK_SECONDS
                ):
                    return self._mint_unless_renewed(failed)
            except (RedisError, LockError) as error:
                log.warning("mpesa_token_not_shared", error=type(error).__name__)
                return self._mint_own(failed)

    def _mint_unless_renewed(self, failed: str | None) -> str:
        known = self._read()
        if known is not None and known != failed:
            return known
        token, life_seconds = self._mint()
        # Kept here first: where Redis takes it no more, it is still the one that lives.
        self._own = (token, time.monotonic() + life_seconds)
        self._redis.set(self._name, token, ex=life_seconds)
        return token

    def _mint_own(self, failed: str | None) -> str:
        known = self._read_own()
        if known is not None and known != failed:
            return known
        token, life_seconds = self._mint()
        self._own = (token, time.monotonic() + life_seconds)
        return token

    def _read_own(self) -> str | None:
        if self._own is None or self._own[1] <= time.monotonic():
            return None
        return self._own[0]

    def _mint(self) -> tuple[str, int]:
        try:
            answer = requests.get(
                f"{self._base_url}/oauth/v1/generate",
                params={"grant_type": "client_credentials"},
                auth=(self._key, self._secret),
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise NoAccess(f"oauth_{type(error).__name__}") from None
        match json_of(answer):
            case {"access_token": str(token), **rest} if answer.ok and token:
                log.info("mpesa_token_minted")
                return token, _life_seconds(rest.get("expires_in"))
            case _:
                # A wrong key is answered with 400 and no body at all (observed).
                raise NoAccess(f"oauth_http_{answer.status_code}")


def json_of(answer: requests.Response) -> object:
    """The body as JSON; None for anything else, since gateways send HTML with a 200 too."""
    try:
        return answer.json()
    except (ValueError, RecursionError):
        return None


def _life_seconds(expires_in: object) -> int:
    # A number in new documents, a string in old ones.
    text = str(expires_in)
    life = int(text) if text.isascii() and text.isdigit() else USUAL_LIFE_SECONDS
    return max(1, life - RENEW_BEFORE_SECONDS)
