"""Bodies that no description covers: broken, huge, deep, in the wrong charset, of another kind."""

import json
from collections.abc import Callable, Iterator
from itertools import count, cycle
from typing import Any, Final
from urllib.parse import quote_plus

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from payments.routes import LARGEST_BODY_BYTES
from tests.fuzz.switchboard import EXAMPLES, FORM, OPERATIONS, Switchboard, examples_of

JSON: Final = "application/json"
KINDS: Final = (
    "",
    FORM,
    JSON,
    "text/plain",
    "application/json; charset=utf-16",
    "application/json; charset=no-such",
    f"{FORM}; charset=latin-1",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
)
RAW: Final = (
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"1e400",
    b"9" * 5_000,
    b"not json",
    b"<html>502</html>",
    b"\x00\xff\xfe",
    b"\xef\xbb\xbf{}",
    '{"Body": {}}'.encode("utf-16"),
    b"[" * 10_000,
    b"[" * 8_000 + b"]" * 8_000,
    b'{"Result":' * 1_500 + b"1" + b"}" * 1_500,
    b'{"Result": {"ResultCode": 0}, "Result": {"ResultCode": 1}, "Result": []}',
    b'{"\\u0000": 1, "\\ud800": 2}',
    b"%" * 2_000,
    b"&".join(b"a%d=1" % n for n in range(1_500)),
    b"id=1&id=2&text=a&text=b&phoneNumber=1&phoneNumber=2",
)
# As they stand in JSON, where each takes the place of every value.
JSON_VALUES: Final = (
    "null",
    "true",
    "[]",
    "{}",
    '""',
    "-1",
    "1.005",
    "1e400",
    "NaN",
    "9" * 700,
    "9" * 5_000,
    '"\\u0000"',
    '"\\ud800"',
    '"\\ud83d\\ude00"',
    json.dumps("x" * 700),
    "[" * 60 + "]" * 60,
    '{"Value": {"Key": "Amount"}}',
)
# As they stand in a form.
FORM_VALUES: Final = ("", "%00", "%ff%fe", "%ed%a0%80", "%F0%9F%99%82", "+", "*" * 500, "9" * 700)
VALUES: Final = {JSON: JSON_VALUES, FORM: FORM_VALUES}


def test_what_no_provider_would_post_is_no_error_of_ours_and_moves_nothing(
    switchboard: Switchboard, subtests: pytest.Subtests
) -> None:
    for path in switchboard.paths:
        kind, sound = longest_example(path)
        in_own_kind = [*spoilt(sound, kind), *spoilt_once(sound, kind)]
        in_any_kind = [
            (body, other) for other in KINDS for body in (sound_body(sound, kind), RAW[0])
        ]
        for group in (
            [(body, kind) for body in in_own_kind],
            [(b, kind) for b in RAW],
            in_any_kind,
        ):
            with subtests.test(path=path):
                for body, content_type in group:
                    posts_safely(switchboard, path, body, content_type)
                switchboard.all_is_well()


def test_what_is_cut_spliced_or_drawn_at_random_is_no_error_of_ours(
    switchboard: Switchboard, subtests: pytest.Subtests
) -> None:
    for path in switchboard.paths:
        with subtests.test(path=path):
            post_drawn(switchboard, path)
            switchboard.all_is_well()


def posts_safely(switchboard: Switchboard, path: str, body: bytes, kind: str) -> None:
    answer = switchboard.posts(path, data=body, content_type=kind)
    documented = OPERATIONS[path].responses.status_codes
    assert answer.status_code != 404, "the body never got past the secret"
    assert str(answer.status_code) in documented, (body[:200], kind)


def post_drawn(switchboard: Switchboard, path: str) -> None:
    kind, sound = longest_example(path)
    body = sound_body(sound, kind)

    @settings(
        max_examples=int(EXAMPLES or 20),
        derandomize=EXAMPLES is None,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        start=st.integers(0, len(body)),
        cut=st.integers(0, len(body)),
        put_in=st.binary(max_size=60) | st.sampled_from(RAW),
        content_type=st.just(kind) | st.sampled_from(KINDS),
    )
    def post(start: int, cut: int, put_in: bytes, content_type: str) -> None:
        spliced = body[:start] + put_in + body[start + cut :]
        posts_safely(switchboard, path, spliced[:LARGEST_BODY_BYTES], content_type)

    post()


def longest_example(path: str) -> tuple[str, Any]:
    kind, bodies = examples_of(path)
    return kind, max(bodies.values(), key=lambda body: len(json.dumps(body)))


def sound_body(example: Any, kind: str) -> bytes:  # noqa: ANN401
    return written(example, kind, lambda value: spelled(value, kind))


def spoilt(example: Any, kind: str) -> Iterator[bytes]:  # noqa: ANN401
    """The example with one bad value in all places, for each bad value."""
    for bad in VALUES[kind]:
        yield written(example, kind, lambda _, bad=bad: bad)


def spoilt_once(example: Any, kind: str) -> Iterator[bytes]:  # noqa: ANN401
    """The example with a bad value in one place, for each place."""
    places: list[object] = []
    written(example, kind, lambda value: places.append(value) or "")
    for place, bad in zip(range(len(places)), cycle(VALUES[kind]), strict=False):
        here = count()
        yield written(
            example,
            kind,
            lambda value, here=here, place=place, bad=bad: (
                bad if next(here) == place else spelled(value, kind)
            ),
        )


def written(example: Any, kind: str, spell: Callable[[object], str]) -> bytes:  # noqa: ANN401
    """The example as a body, with each value as `spell` has it."""
    if kind == FORM:
        return "&".join(f"{name}={spell(value)}" for name, value in example.items()).encode()
    return _json(example, spell).encode()


def spelled(value: object, kind: str) -> str:
    return quote_plus(str(value)) if kind == FORM else json.dumps(value)


def _json(value: object, spell: Callable[[object], str]) -> str:
    match value:
        case dict():
            pairs = (f"{json.dumps(name)}: {_json(inner, spell)}" for name, inner in value.items())
            return f"{{{', '.join(pairs)}}}"
        case list():
            return f"[{', '.join(_json(inner, spell) for inner in value)}]"
        case _:
            return spell(value)
