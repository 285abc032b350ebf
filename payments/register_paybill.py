"""Tells Daraja where to tell us of payments to the paybill."""

from collections.abc import Callable
from typing import TypeAlias

from core.errors import Refused
from core.settings import Settings
from core.text import _
from payments.mpesa.client import Mpesa
from payments.mpesa.results import ALREADY_REGISTERED
from payments.mpesa.wire import PaymentRefused, PaymentUnknown

Register: TypeAlias = Callable[[], list[str]]


class NotRegistered(Refused):
    """Daraja does not know our addresses, or knows some that were told before."""


def registrar(*, mpesa: Mpesa, settings: Settings) -> Register:
    """The command's way to Daraja: tells it both addresses, returns them with the secret masked.

    What it returns raises NotRegistered. Daraja takes addresses once, in production: others are
    told only after the first were deleted on its portal (daraja.md §5.1).
    """

    def register() -> list[str]:
        base = f"{settings.public_url}/payments/c2b"
        parts = ("confirmation", "validation")
        told = [f"{base}/{settings.newest_paybill_secret}/{part}" for part in parts]
        try:
            mpesa.register_urls(confirmation_url=told[0], validation_url=told[1])
        except PaymentRefused as error:
            if error.code == ALREADY_REGISTERED:
                raise NotRegistered(
                    _("Daraja has URLs already: delete them on its portal first.")
                ) from None
            raise NotRegistered(_("Daraja refused: {code}.", code=error.code)) from None
        except PaymentUnknown as error:
            raise NotRegistered(
                _("Daraja gave no clear answer: {code}.", code=error.code)
            ) from None
        return [f"{base}/*****/{part}" for part in parts]

    return register
