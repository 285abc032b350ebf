"""What happens to a service with two providers of SMS, and what came of it."""

from core.carriers.records import who_carries
from core.carriers.rules import Carrier
from core.database import in_transaction
from core.notices import texts
from core.notices.notify import Notice, notify_all
from core.players.phone_code import Purpose, ask_code
from core.text import Language
from tests.sms.exchange import INFOBIP_SECRET, PHONE, Exchange


def receipts(pair: Exchange, number: int) -> None:
    """So many receipts are queued, and the worker does what it can."""
    queues(pair, number)
    pair.works()


def queues(pair: Exchange, number: int, *, phone: str = PHONE) -> None:
    player = pair.world.player(phone)
    notice = Notice(player.id, phone, Language.ENGLISH, "deposit_failed", texts.pin_changed())
    in_transaction(pair.world.database, lambda c: notify_all(c, notices=[notice] * number))


def asks_for_a_code(pair: Exchange) -> None:
    pair.world.moves(minutes=2)
    player_id = pair.world.player(PHONE).id
    in_transaction(
        pair.world.database,
        lambda c: ask_code(c, player_id=player_id, purpose=Purpose.VERIFY),
    )
    pair.works()


def carrier(pair: Exchange) -> Carrier:
    return in_transaction(pair.world.database, who_carries).carrier


def moves(pair: Exchange) -> int:
    return pair.world.count("audit_event WHERE act = 'sms.route_moved'")


def reported(pair: Exchange, *, of: str) -> None:
    """The provider's reports arrive now, for all that it has accepted."""
    for row in pair.rows():
        if row.provider == of and row.status == "accepted":
            form = {"id": row.provider_id, "status": "Success"}
            pair.posts("delivery", data=form)


def posts_report(pair: Exchange, message_id: str, *, group: str = "DELIVERED") -> None:
    status = {"groupName": group, "name": group}
    body = {"results": [{"messageId": message_id, "mccMnc": "63902", "status": status}]}
    assert pair.posts("infobip/delivery", secret=INFOBIP_SECRET, json=body).status_code == 200
