"""The pace of the simulator, which scripts may change while it runs."""

from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias

from simulator.config import Config

# Where digits dialled behind the service code arrive is not established for the provider.
DialledDigits: TypeAlias = Literal["text", "service_code"]
# What Transaction Status answers about nothing: the first was observed, the second is a guess.
UnknownTransactionCode: TypeAlias = Literal["2032", "1"]


@dataclass(kw_only=True, slots=True)
class Settings:
    """Delays and lives in seconds, what is reported afterwards, and how a long code arrives."""

    callback_delay_seconds: float
    prompt_life_seconds: float
    session_life_seconds: float
    delivery_reports: bool
    end_notifications: bool
    dialled_digits: DialledDigits
    # What Daraja does beside the happy path; observed values stand in the simulator's README.
    timeout_callback_delay_seconds: float | None = None
    receiver_timeout_seconds: float = 30.0
    subscriber_lock_seconds: float = 0.0
    same_amount_seconds: float = 0.0
    query_window_seconds: float = 0.0
    enforce_query_rate: bool = False
    enforce_timestamp: bool = False
    account_reference_limit: int = 12
    c2b_urls: bool = True
    c2b_validation: bool = False
    c2b_validation_seconds: float = 8.0
    c2b_for_stk: bool = False
    unknown_transaction_code: UnknownTransactionCode = "2032"

    def take_over(self, other: "Settings") -> None:
        """Copy every setting of another."""
        for name, value in asdict(other).items():
            setattr(self, name, value)

    def as_json(self) -> dict[str, object]:
        """Return the settings in force."""
        return asdict(self)


def initial_settings(config: Config) -> Settings:
    """Return the settings with which the simulator starts and to which a reset returns."""
    return Settings(
        callback_delay_seconds=config.callback_delay_seconds,
        prompt_life_seconds=config.prompt_life_seconds,
        session_life_seconds=config.session_life_seconds,
        delivery_reports=True,
        end_notifications=True,
        dialled_digits="text",
    )
