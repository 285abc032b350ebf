"""Bodies that no description covers: broken, huge, deep, in the wrong charset, of another kind."""

import base64
import json
from collections.abc import Iterator
from itertools import cycle
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

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
# As long as one of RSA with 2,048 bits.
CREDENTIAL: Final = base64.b64encode(bytes(n * 7 % 256 for n in range(256))).decode()
ECHO: Final = {"SecurityCredential": CREDENTIAL, "PartyB": "254708374149", "Amount": "10"}
# Our own request, as a time-out may bring it back.
ECHOES: Final = (
    json.dumps(ECHO),
    json.dumps({"Result": [{"Request": ECHO}]}),
    json.dumps({"Request": json.dumps({"Request": json.dumps(ECHO)})}),
    json.dumps(ECHO).replace("/", "\\/")[:-20],
    json.dumps(ECHO).replace("Security", "security"),
    json.dumps({"ReferenceItem": {"Key": "SecurityCredential", "Value": CREDENTIAL}}),
    urlencode(ECHO),
    f"<SecurityCredential>{CREDENTIAL}</SecurityCredential><PartyB>254708374149</PartyB>",
    str(ECHO),
)


def test_what_no_provider_would_post_is_no_error_of_ours_and_moves_nothing(
    switchboard: Switchboard, subtests: pytest.Subtests
) -> None:
    for path in OPERATIONS:
        kind, sound = longest_example(path)
        whole = sound_body(sound, kind)
        for group in (
            [(body, kind) for body in spoilt(sound, kind)],
            [(body, kind) for body in RAW],
            [(body, other) for body in (whole, b"") for other in KINDS],
        ):
            with subtests.test(path=path):
                for body, content_type in group:
                    posts_safely(switchboard, path, body, content_type)
                switchboard.all_is_well()


def test_what_is_cut_spliced_or_drawn_at_random_is_no_error_of_ours(
    switchboard: Switchboard, subtests: pytest.Subtests
) -> None:
    for path in OPERATIONS:
        with subtests.test(path=path):
            post_drawn(switchboard, path)
            switchboard.all_is_well()


def test_no_spelling_of_an_echo_leaves_the_credential_behind(
    switchboard: Switchboard, subtests: pytest.Subtests
) -> None:
    for path in ("/payments/b2c/{token}/timeout", "/payments/c2b/{secret}/confirmation"):
        for body in ECHOES:
            with subtests.test(path=path, body=body[:60]):
                posts_safely(switchboard, path, body.encode(), JSON)
                stored = "\n".join(switchboard.world.everything_stored())
                assert CREDENTIAL[:40] not in stored
                assert CREDENTIAL[-40:] not in stored
                assert "254708374149" not in stored
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
    return filled(example, kind, values_of(example, kind))


def spoilt(example: Any, kind: str) -> Iterator[bytes]:  # noqa: ANN401
    """The example with each bad value in all places, then with a bad value in each place."""
    values, bad_values = values_of(example, kind), VALUES[kind]
    for bad in bad_values:
        yield filled(example, kind, [bad] * len(values))
    for place, bad in zip(range(len(values)), cycle(bad_values), strict=False):
        yield filled(example, kind, [*values[:place], bad, *values[place + 1 :]])


def values_of(example: object, kind: str) -> list[str]:
    """Every value of the example as it stands in a body, in its order."""
    match example:
        case dict():
            return [value for inner in example.values() for value in values_of(inner, kind)]
        case list():
            return [value for inner in example for value in values_of(inner, kind)]
        case _:
            return [quote_plus(str(example)) if kind == FORM else json.dumps(example)]


def filled(example: Any, kind: str, values: list[str]) -> bytes:  # noqa: ANN401
    """The example as a body, with these values in its places."""
    if kind == FORM:
        pairs = zip(example, values, strict=True)
        return "&".join(f"{name}={value}" for name, value in pairs).encode()
    return _json(example, iter(values)).encode()


def _json(example: object, values: Iterator[str]) -> str:
    match example:
        case dict():
            pairs = (
                f"{json.dumps(name)}: {_json(inner, values)}" for name, inner in example.items()
            )
            return f"{{{', '.join(pairs)}}}"
        case list():
            return f"[{', '.join(_json(inner, values) for inner in example)}]"
        case _:
            return next(values)
