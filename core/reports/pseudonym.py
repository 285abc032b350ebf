"""What a player is called where the name is nobody's business."""

from core.keyed_hash import Pepper


def pseudonym(pepper: Pepper, *, player_id: int) -> str:
    """The same for the same player in every report, and of no use without the key."""
    return "P" + pepper.mac("report.player", str(player_id)).hex()[:16]
