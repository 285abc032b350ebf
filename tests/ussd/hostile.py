"""What callers type in error, and what gateways send that is not for us."""

import threading

from flask.testing import FlaskClient
from hypothesis import strategies as st

from tests.phone import ROUTE
from tests.ussd.oracle import CANARY, WRONG_PIN
from tests.world import PIN

garbage = st.one_of(
    st.sampled_from(["*", "#", "1*1", f"{PIN}*{PIN}", "\x00", "🙂", "9" * 2048, "", " ", CANARY]),
    st.text(max_size=20).filter(lambda typed: typed.isprintable() and "\ufffd" not in typed),
)
keys = st.one_of(
    st.sampled_from([PIN, PIN, PIN, WRONG_PIN, "20", "5000", "0", "00", "99", "1", "2"]), garbage
)
FOREIGN: list[dict[str, str | None]] = [
    {"serviceCode": "*999#"},
    {"serviceCode": None},
    {"phoneNumber": None},
    {"phoneNumber": " 254700000001"},
    {"sessionId": None},
    {"sessionId": "a b"},
]


def send(client: FlaskClient, form: dict[str, str], *, copies: int = 1) -> str:
    """Send a hop, so many copies of it at once; all get the same answer, and always 200."""
    answers: list[tuple[int, str]] = []
    start = threading.Barrier(copies)

    def one() -> None:
        start.wait()
        answer = client.application.test_client().post(ROUTE, data=form)
        answers.append((answer.status_code, answer.text))

    threads = [threading.Thread(target=one) for _copy in range(copies)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [(status, page)] = set(answers)
    assert status == 200
    return page
