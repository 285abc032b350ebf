"""One request to Daraja: its access token, its time-outs, and the two ways in which it can fail."""

from collections.abc import Mapping
from typing import Final

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from core.settings import Settings
from core.text import Text
from payments.mpesa.access import Access, NoAccess, json_of
from payments.mpesa.results import UNREACHABLE, Refusal, TokenRefused, Unclear, classify

# Longer than Daraja was ever seen to take. With a token to renew, a call may outlast the lease of
# its job: another worker then finds it claimed and calls nobody, and the late answer still counts.
TIMEOUT_SECONDS: Final = (5, 25)


class PaymentRefused(Exception):
    """Daraja surely did nothing; the reason is for the player. `later`: it had no time."""

    def __init__(self, *, code: str, reason: Text, message: str = "", later: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason
        self.message = message
        self.later = later


class PaymentUnknown(Exception):
    """Daraja may have acted: find out, never guess and never send again."""

    def __init__(self, *, code: str) -> None:
        super().__init__(code)
        self.code = code


class Wire:
    """Every call is one try, except that a dead token is replaced once."""

    def __init__(
        self,
        *,
        settings: Settings,
        access: Access,
        timeout_seconds: tuple[float, float] = TIMEOUT_SECONDS,
    ) -> None:
        self._base_url = settings.mpesa_base_url
        self._access = access
        self._timeout_seconds = timeout_seconds

    def call(self, path: str, body: Mapping[str, object]) -> Mapping[str, object]:
        """Post once and return the answer. Raises PaymentRefused or PaymentUnknown."""
        try:
            token = self._access.token()
            outcome = self._post(path, body, token)
            if isinstance(outcome, TokenRefused):
                # Refused before M-Pesa saw it, so sending it once more is safe.
                outcome = self._post(path, body, self._access.renew(failed=token))
        except NoAccess as error:
            raise PaymentRefused(code=error.code, reason=UNREACHABLE, later=True) from None
        match outcome:
            case Refusal(code, reason, message, later):
                raise PaymentRefused(code=code, reason=reason, message=message, later=later)
            case TokenRefused(code):
                raise PaymentRefused(code=code, reason=UNREACHABLE, later=True)
            case Unclear(code):
                raise PaymentUnknown(code=code)
            case _:
                return outcome

    def _post(
        self, path: str, body: Mapping[str, object], token: str
    ) -> Mapping[str, object] | Refusal | TokenRefused | Unclear:
        try:
            # Without a session: a kept-alive connection that died meanwhile would turn a payment
            # that was never sent into an unknown one.
            response = requests.post(
                f"{self._base_url}{path}",
                json=body,
                headers={"Authorization": f"Bearer {token}"},
                timeout=self._timeout_seconds,
                allow_redirects=False,
            )
        except (requests.ConnectionError, requests.Timeout) as error:
            return _never_sent(error) or Unclear(type(error).__name__)
        except requests.RequestException as error:
            return Unclear(type(error).__name__)
        answer = json_of(response)
        fault = classify(response.status_code, answer)
        if fault is not None:
            return fault
        return answer if isinstance(answer, dict) else Unclear("no_object")


def _never_sent(error: requests.RequestException) -> Refusal | None:
    """A refusal where the connection was never made, so that nothing can have arrived."""
    if isinstance(error, requests.ConnectTimeout):
        return Refusal("connect_timeout", UNREACHABLE, later=True)
    cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError):
        return Refusal("not_connected", UNREACHABLE, later=True)
    return None
