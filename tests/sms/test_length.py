"""Our count of segments, by which the provider's is checked."""

import pytest

from sms.length import parts_told, segments


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("{" * 80, 1),
        ("{" * 81, 2),
        # 152 + 2 does not fit 153: the pair goes over whole, and pushes a third segment.
        ("a" * 152 + "{" + "a" * 151, 2),
        ("a" * 152 + "{" + "a" * 152, 3),
        ("\u0416" * 70, 1),
        ("\u0416" * 71, 2),
        ("\U0001f600" * 35, 1),
        ("\u0416" * 66 + "\U0001f600" + "\u0416" * 66, 3),
    ],
)
def test_segments(text: str, count: int) -> None:
    assert segments(text) == count


def test_the_providers_count_is_read_from_its_words() -> None:
    assert parts_told("Sent to 1/1 Total Cost: USD 0.0079 Message parts: 2") == 2
    assert parts_told("InvalidSenderId") is None
