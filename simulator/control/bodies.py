"""The JSON bodies that scripts send, checked."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps
from typing import Annotated, Any, Literal, ParamSpec, TypeVar

from flask import Response, jsonify, request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import HTTPException

from simulator.daraja.attacks import Attack, NothingToAttackError
from simulator.daraja.callbacks import MOST_REPEATS
from simulator.daraja.prompts import NoPromptError
from simulator.daraja.push_rules import LARGEST_AMOUNT_KES
from simulator.faults import DEFAULT_COPIES, DEFAULT_SECONDS, UnknownFaultError
from simulator.handsets import Answer
from simulator.phones import BadPhoneError
from simulator.settings import DialledDigits, UnknownTransactionCode
from simulator.ussd_gateway import NoDialogError

Seconds = Annotated[float, Field(ge=0, le=86_400)]
Shillings = Annotated[int, Field(ge=0, le=1_000_000_000)]
Times = Annotated[int, Field(ge=1, le=1_000_000)]
Copies = Annotated[int, Field(ge=2, le=5)]
Flood = Annotated[int, Field(ge=1, le=1000)]
Probability = Annotated[float, Field(ge=0, le=1)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HandsetChange(_Body):
    """What may be set on a phone; what is left out stays."""

    next_answer: Answer | None = None
    sticky: bool | None = None
    mpesa_balance: Shillings | None = None
    mpesa_pin: Annotated[str, Field(pattern=r"^\d{4}$")] | None = None
    blacklisted: bool | None = None
    pin_locked: bool | None = None
    mpesa_registered: bool | None = None
    sim_swapped_on: date | None = None
    answer_after_seconds: Seconds | None = None


class PaybillOrder(_Body):
    """A payment to the paybill, in whole shillings; the number is the service's by default."""

    amount: Annotated[int, Field(ge=1, le=LARGEST_AMOUNT_KES)]
    account: Annotated[str, Field(min_length=1, max_length=20)]
    paybill: Annotated[str, Field(pattern=r"^\d{5,7}$")] | None = None


class BooksChange(_Body):
    """What the utility float holds from now on, in whole shillings."""

    utility_float: Shillings


class Dialled(_Body):
    """A code that is dialled."""

    code: Annotated[str, Field(min_length=1, max_length=100)]


class Typed(_Body):
    """What is typed on a USSD page."""

    keys: Annotated[str, Field(max_length=182)]


class Written(_Body):
    """An SMS to the short code, or the same words in many SMS, one after the other."""

    text: Annotated[str, Field(min_length=1, max_length=1000)]
    times: Flood = 1


class Read(_Body):
    """The number of a message that has been opened."""

    message: int


class PromptReply(_Body):
    """Either the PIN that is entered, or what the person does instead."""

    pin: Annotated[str, Field(max_length=8)] | None = None
    answer: Literal["approve", "cancel", "ignore"] | None = None


class Repeat(_Body):
    """How often a callback is posted again."""

    times: Annotated[int, Field(ge=1, le=MOST_REPEATS)] = 1
    at_once: bool = False


class FaultOrder(_Body):
    """One fault with its own number of times."""

    fault: str
    times: Times | None = None
    seconds: Seconds = DEFAULT_SECONDS
    copies: Copies = DEFAULT_COPIES


class FaultChange(_Body):
    """Faults by place: a name, an order, or null to clear; `times` is for the plain names."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, str | FaultOrder | None]

    times: Times | None = None
    seconds: Seconds = DEFAULT_SECONDS
    copies: Copies = DEFAULT_COPIES

    def by_place(self) -> dict[str, str | FaultOrder | None]:
        """Return what is wanted at each place that is named."""
        return self.__pydantic_extra__


class AttackOrder(_Body):
    """Which attack is mounted."""

    kind: Attack


class ClockChange(_Body):
    """The moment at which the clock stands from now on; null lets it run."""

    stands_at: AwareDatetime | None


class Advance(_Body):
    """By how much, or up to which moment, a standing clock is moved."""

    seconds: Annotated[float, Field(ge=0, le=366 * 86_400)] | None = None
    to: AwareDatetime | None = None


class RateOrder(_Body):
    """How likely a fault is, and between which seconds it waits."""

    rate: Probability
    seconds: tuple[Seconds, Seconds] = (DEFAULT_SECONDS, DEFAULT_SECONDS)


class ChanceChange(_Body):
    """A new seed, or rates by `place.fault` that replace all others, or both."""

    seed: Annotated[int, Field(ge=0, lt=2**64)] | None = None
    rates: dict[str, Probability | RateOrder] | None = None


class SettingsChange(_Body):
    """What may be set; what is left out stays."""

    callback_delay_seconds: Seconds | None = None
    prompt_life_seconds: Seconds | None = None
    session_life_seconds: Seconds | None = None
    delivery_reports: bool | None = None
    end_notifications: bool | None = None
    dialled_digits: DialledDigits | None = None
    timeout_callback_delay_seconds: Seconds | None = None
    receiver_timeout_seconds: Annotated[float, Field(gt=0, le=600)] | None = None
    subscriber_lock_seconds: Seconds | None = None
    same_amount_seconds: Seconds | None = None
    query_window_seconds: Seconds | None = None
    enforce_query_rate: bool | None = None
    enforce_timestamp: bool | None = None
    account_reference_limit: Annotated[int, Field(ge=1, le=1000)] | None = None
    c2b_urls: bool | None = None
    c2b_validation: bool | None = None
    c2b_validation_seconds: Seconds | None = None
    c2b_for_stk: bool | None = None
    unknown_transaction_code: UnknownTransactionCode | None = None


Body = TypeVar("Body", bound=BaseModel)
Arguments = ParamSpec("Arguments")


def read_body(kind: type[Body]) -> Body:
    """Read the present request's JSON as one kind of body. Raises ValidationError."""
    return kind.model_validate_json(request.get_data() or b"{}")


def answering_errors(
    view: Callable[Arguments, Response],
) -> Callable[Arguments, tuple[Response, int] | Response]:
    """Turn what a view raises about its input into `{"error": …}` with a fitting status."""

    @wraps(view)
    def answer(
        *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> tuple[Response, int] | Response:
        try:
            return view(*args, **kwargs)
        except ValidationError as error:
            return jsonify(error=_first_complaint(error)), 400
        except (BadPhoneError, UnknownFaultError) as error:
            return jsonify(error=str(error)), 400
        except (NoDialogError, NoPromptError, NothingToAttackError) as error:
            return jsonify(error=str(error)), 409
        except HTTPException as error:
            return jsonify(error=error.description), error.code or 500

    return answer


def _first_complaint(error: ValidationError) -> str:
    first: Mapping[str, Any] = dict(error.errors(include_input=False, include_url=False)[0])
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else str(first["msg"])
