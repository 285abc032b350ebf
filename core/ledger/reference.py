"""References a person can read aloud: a transfer's number, scrambled and spelled safely."""

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0 and O, no 1 and I
LENGTH = 6
_SPACE: int = len(ALPHABET) ** LENGTH
# An odd factor permutes the space, so two transfers never share a reference and none is stored.
_FACTOR = 0x2545F491
_OFFSET = 0x1B56C4E9
_INVERSE: int = pow(_FACTOR, -1, _SPACE)


def reference_of(transfer_id: int) -> str:
    """The six characters that stand for this transfer on screens and in receipts."""
    assert 0 <= transfer_id < _SPACE, "references need a seventh character now"
    scrambled = (transfer_id * _FACTOR + _OFFSET) % _SPACE
    characters = []
    for _ in range(LENGTH):
        scrambled, digit = divmod(scrambled, len(ALPHABET))
        characters.append(ALPHABET[digit])
    return "".join(reversed(characters))


def transfer_of(reference: str) -> int | None:
    """The transfer a reference stands for; None where nobody could have been given it.

    Letter case does not matter, nor what is written between the characters.
    """
    typed = "".join(character for character in reference.upper() if character.isalnum())
    if len(typed) != LENGTH or any(character not in ALPHABET for character in typed):
        return None
    scrambled = 0
    for character in typed:
        scrambled = scrambled * len(ALPHABET) + ALPHABET.index(character)
    return (scrambled - _OFFSET) * _INVERSE % _SPACE
