"""What somebody who is not Daraja posts to the merchant: forged, spoofed and replayed callbacks."""

import json
import random
import string
from collections.abc import Mapping
from typing import Literal, TypeAlias

from simulator.clock import Clock, daraja_timestamp
from simulator.daraja.callbacks import Callback, Callbacks
from simulator.daraja.stk_bodies import success_body
from simulator.daraja.transactions import Transaction, Transactions
from simulator.faults import Faults
from simulator.identifiers import Identifiers, checkout_request_id

Attack: TypeAlias = Literal[
    "no_token",
    "guessed_token",
    "guessed_checkout_id",
    "spoofed_address",
    "stranger_with_token",
    "replay",
    "cross_payment_replay",
]

# One address from which Daraja was seen to post, and one from which it never does.
DARAJAS_ADDRESS = "196.201.212.69"
STRANGERS_ADDRESS = "41.90.64.7"
_TOKEN_ALPHABET = string.ascii_letters + string.digits + "-_"


class NothingToAttackError(Exception):
    """No push, or no callback of a payment, is there yet for this attack."""


class Attacks:
    """Posts what no honest network would, about pushes that the simulator knows."""

    def __init__(
        self,
        *,
        clock: Clock,
        chance: random.Random,
        identifiers: Identifiers,
        faults: Faults,
        transactions: Transactions,
        callbacks: Callbacks,
    ) -> None:
        self._clock = clock
        self._chance = chance
        self._identifiers = identifiers
        self._faults = faults
        self._transactions = transactions
        self._callbacks = callbacks

    def mount(self, kind: Attack) -> int | None:
        """Post one attack now, and return the status. Raises NothingToAttackError.

        Forgeries claim success for the latest push that nobody paid, or for the latest of all.
        """
        match kind:
            case "no_token":
                push = self._target()
                return self._post(kind, _without_token(push), self._forged(push))
            case "guessed_token":
                push = self._target()
                return self._post(kind, self._with_guessed_token(push), self._forged(push))
            case "guessed_checkout_id":
                push = self._target()
                body = self._forged(push, checkout_id=self._guessed_id(push))
                return self._post(kind, push.order.callback_url, body)
            case "spoofed_address":
                push = self._target()
                claimed = {"X-Forwarded-For": DARAJAS_ADDRESS}
                url = self._with_guessed_token(push)
                return self._post(kind, url, self._forged(push), headers=claimed)
            case "stranger_with_token":
                push = self._target()
                own = {"X-Forwarded-For": STRANGERS_ADDRESS}
                url = push.order.callback_url
                return self._post(kind, url, self._forged(push), headers=own)
            case "replay":
                old = self._paid_callback()
                return self._post(kind, old.url, old.body, headers=old.headers)
            case "cross_payment_replay":
                old = self._paid_callback()
                url = self._target(besides=old.url).order.callback_url
                return self._post(kind, url, old.body, headers=old.headers)

    def _post(
        self, kind: Attack, url: str, body: str, *, headers: Mapping[str, str] | None = None
    ) -> int | None:
        self._faults.count(f"attack.{kind}")
        return self._callbacks.forge(url, body, attack=kind, headers=headers or {})

    def _target(self, *, besides: str = "") -> Transaction:
        pushes = [
            push for push in self._transactions.everything() if push.order.callback_url != besides
        ]
        unpaid = [push for push in pushes if push.receipt is None]
        if not pushes:
            message = "there is no push to attack"
            raise NothingToAttackError(message)
        return (unpaid or pushes)[-1]

    def _paid_callback(self) -> Callback:
        for callback in self._callbacks.everything():
            if callback.attack is None and '"MpesaReceiptNumber"' in callback.body:
                return callback
        message = "there is no callback of a payment to replay"
        raise NothingToAttackError(message)

    def _forged(self, push: Transaction, *, checkout_id: str | None = None) -> str:
        now = self._clock.now()
        body = success_body(
            merchant_request_id=push.merchant_request_id,
            checkout_request_id=checkout_id or push.checkout_request_id,
            amount=push.order.amount,
            receipt=self._identifiers.receipt(moment=now),
            date=daraja_timestamp(now),
            phone=push.order.phone,
        )
        return json.dumps(body)

    def _guessed_id(self, push: Transaction) -> str:
        moment = push.accepted_at.replace(microsecond=1000 * self._chance.randrange(1000))
        return checkout_request_id(moment=moment, phone=push.order.phone)

    def _with_guessed_token(self, push: Transaction) -> str:
        stem, _, token = push.order.callback_url.rpartition("/")
        return f"{stem}/{''.join(self._chance.choices(_TOKEN_ALPHABET, k=len(token)))}"


def _without_token(push: Transaction) -> str:
    return push.order.callback_url.rpartition("/")[0] + "/"
