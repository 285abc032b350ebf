"""One SMS of the service's, as the network keeps it."""

from dataclasses import dataclass
from datetime import datetime

from simulator.phones import network_of
from simulator.segments import message_parts


@dataclass(eq=False, kw_only=True, slots=True)
class SentSms:
    """One SMS that the service sent to one phone; `reported` is the status told last."""

    message_id: str
    sender: str
    phone: str
    text: str
    at: datetime
    reported: str | None = None
    provider: str = "africas_talking"

    @property
    def network(self) -> str:
        """The code of the network that the phone's number was given to."""
        return network_of(self.phone)

    def as_json(self) -> dict[str, object]:
        """Return the message as scripts read it."""
        return {
            "id": self.message_id,
            "from": self.sender,
            "to": self.phone,
            "text": self.text,
            "parts": message_parts(self.text),
            "at": self.at.isoformat(timespec="milliseconds"),
            "reported": self.reported,
            "provider": self.provider,
        }
