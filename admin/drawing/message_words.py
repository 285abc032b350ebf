"""How an SMS and its state are called on pages, as plainly as GOV.UK Notify does."""

from typing import Final

from core.notices.kinds import KINDS

# Each state of an SMS: its words, a tone, and what they mean.
STATES: Final[dict[str, tuple[str, str, str]]] = {
    "queued": ("waiting", "wait", "It is written and waits for its turn."),
    "sending": ("sending", "wait", "It is being handed to the provider."),
    "accepted": ("sent", "", "The provider took it; no word from the network yet."),
    "interim": ("on its way", "", "The network has it and tries to reach the phone."),
    "delivered": ("delivered", "good", "The phone has it."),
    "undelivered": ("not delivered", "bad", "The network could not reach the phone."),
    "refused": ("refused", "bad", "The provider did not take it: it surely did not arrive."),
    "unknown": ("may have arrived", "bad", "No answer came back. Nobody knows if it went out."),
    "dropped": ("not wanted", "", "News that the number had stopped, or that came too late."),
}
KIND_NAMES: Final = tuple(sorted(KINDS))


def state_in_words(state: str) -> tuple[str, str]:
    """A state and its tone."""
    words, tone, _meaning = STATES.get(state, (state, "", ""))
    return words, tone


def kind_in_words(kind: str) -> str:
    """`bet_placed` as `bet placed`."""
    return kind.replace("_", " ")
