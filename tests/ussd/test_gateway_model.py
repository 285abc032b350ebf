"""A gateway that repeats, skips, shuffles and loses hops, against a plain model of what is right.

More examples, and other ones each time: `KIBEEZY_EXAMPLES=2000`.
"""

import os
import re
import secrets
from datetime import timedelta
from itertools import count

from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from redis import Redis
from sqlalchemy import text as sql

from core.markets.close_market import close_market
from core.money import kes
from tests.phone import ROUTE
from tests.ussd.hostile import FOREIGN, keys, send
from tests.ussd.oracle import (
    CONFIRM,
    NOT_PLACED,
    Call,
    Oracle,
    check_kept,
    check_page,
    joined,
)
from tests.world import PIN, World
from ussd.sessions import Sessions

EXAMPLES = os.environ.get("KIBEEZY_EXAMPLES")
# A story that fails is made shorter only where somebody waits for it.
PHASES = [Phase.generate, Phase.shrink] if EXAMPLES else [Phase.generate]
BALANCE, STAKES = kes(1000), ("20", "150", "700")
MOST_MARKETS = 5
OPTION = re.compile(r"^(\d)\. (.+)$", re.MULTILINE)
BETS = sql(
    "SELECT p.phone, m.label, upper(b.side), b.stake_cents / 100 FROM bet b"
    " JOIN player p ON p.id = b.player_id JOIN market m ON m.id = b.market_id"
    " WHERE p.phone = ANY(:phones)"
)
_numbers = count()

# Three phones: two players and a stranger.
phones = st.integers(0, 2)


class Gateway(RuleBasedStateMachine):
    """Where a rule is `ready`, its call first goes on to a page that asks for the PIN of a bet."""

    def __init__(self, world: World, client: FlaskClient, redis: Redis) -> None:
        super().__init__()
        self.world, self.client, self.redis = world, client, redis
        self.oracle = Oracle()
        first = next(_numbers) * 3
        self.phones = [f"+2547{number:08}" for number in range(first, first + 3)]
        self.markets: dict[str, int] = {}
        self.sessions: dict[str, str] = {}
        for phone in self.phones[:2]:
            world.has_player(phone, balance=BALANCE)
        self._open_market()
        for phone in self.phones:
            self._dial(phone)

    # What people do.

    @rule(phone=phones)
    def dials(self, phone: int) -> None:
        self._dial(self.phones[phone])

    @rule(phone=phones, digits=st.sampled_from(["1", "1*{}*1", "4", f"5*1*{PIN}", "1*{}*1*20"]))
    def dials_a_shortcut(self, phone: int, digits: str) -> None:
        market = next(iter(self.markets.values()))
        self._dial(self.phones[phone], text=digits.format(market))

    @rule(phone=phones, nth=st.integers(0, 5))
    def presses_an_option(self, phone: int, nth: int) -> None:
        options = [*OPTION.findall(self._call(phone).answer), ("0", ""), ("99", "")]
        self._type(phone, options[nth % len(options)][0])

    @rule(phone=phones, typed=keys, ready=st.booleans())
    def types(self, phone: int, typed: str, ready: bool) -> None:  # noqa: FBT001
        self._stand(phone, ready=ready)
        self._type(phone, typed)

    @rule(phone=st.integers(0, 1), nth=st.integers(0, 4))
    def reads_the_list_while_it_changes(self, phone: int, nth: int) -> None:
        self._dial(self.phones[phone])
        self._type(phone, "00")
        self._type(phone, "1")
        options = OPTION.findall(self._call(phone).answer)[: len(self.markets)]
        self._open_market()
        pressed, label = options[nth % len(options)]
        self._type(phone, pressed)
        assert f"Will {label} happen?" in self._call(phone).answer

    @rule()
    def a_day_passes(self) -> None:
        self.world.moves(hours=25)

    # What gateways, networks and processes do.

    @rule(phone=phones)
    def repeats(self, phone: int) -> None:
        self._hop(self.phones[phone], self._call(phone).text)

    @rule(phone=phones, typed=keys, ready=st.booleans())
    def sends_ten_copies_at_once(self, phone: int, typed: str, ready: bool) -> None:  # noqa: FBT001
        call = self._stand(phone, ready=ready)
        self._hop(self.phones[phone], joined(call.text, typed), copies=10)

    @rule(phone=phones, typed=keys, ready=st.booleans())
    def skips(self, phone: int, typed: str, ready: bool) -> None:  # noqa: FBT001
        call = self._stand(phone, ready=ready)
        self._hop(self.phones[phone], joined(joined(call.text, typed), PIN))

    @rule(phone=phones, place=st.integers(0, 9), ready=st.booleans())
    def shuffles(self, phone: int, place: int, ready: bool) -> None:  # noqa: FBT001
        text = self._stand(phone, ready=ready).text
        if text:
            place %= len(text)
            other = "8" if text[place] != "8" else "7"
            changed = f"{text[:place]}{other}{text[place + 1 :]}"
            for hop in (changed, joined(changed, PIN), f"{text}{PIN}"):
                self._hop(self.phones[phone], hop)

    @rule(phone=phones, left=st.integers(0, 4), typed=keys, ready=st.booleans())
    def shrinks(self, phone: int, left: int, typed: str, ready: bool) -> None:  # noqa: FBT001
        text = "*".join(self._stand(phone, ready=ready).text.split("*")[:left])
        self._hop(self.phones[phone], text)
        self._hop(self.phones[phone], joined(text, typed))

    @rule(phone=phones, thief=phones, ready=st.booleans())
    def comes_from_another_phone(self, phone: int, thief: int, ready: bool) -> None:  # noqa: FBT001
        call, session = self._stand(phone, ready=ready), self.sessions[self.phones[phone]]
        for text in (call.text, joined(call.text, PIN)):
            self._hop(self.phones[thief], text, session=session)

    @rule(phone=phones, change=st.sampled_from(FOREIGN))
    def is_not_for_us(self, phone: int, change: dict[str, str | None]) -> None:
        text = joined(self._stand(phone, ready=True).text, PIN)
        form = {**self._form(self.phones[phone], text), **change}
        answer = send(
            self.client, {name: value for name, value in form.items() if value is not None}
        )
        check_page(answer)
        assert answer.startswith("END The network garbled this.")

    @rule(phone=phones, status=st.sampled_from(["Success", "Incomplete", "Failed"]))
    def tells_the_end(self, phone: int, status: str) -> None:
        number = self.phones[phone]
        form = {**self._form(number, self._call(phone).text), "status": status}
        assert self.client.post(f"{ROUTE}/events", data=form).status_code == 200
        if status == "Success":
            self.oracle.hears_end(number, self.sessions[number])

    @rule(phone=st.integers(0, 1), committed=st.booleans(), redials=st.booleans())
    def dies_with_the_pin(self, phone: int, committed: bool, redials: bool) -> None:  # noqa: FBT001
        """The process dies before or after its COMMIT; then the hop is repeated, perhaps late."""
        number = self.phones[phone]
        call, session = self._walk(phone), self.sessions[number]
        if not CONFIRM.search(call.answer):
            return
        text, answer = joined(call.text, PIN), ""
        caller = self.world.pepper.mac("caller", number).hex()[:32]
        Sessions(self.redis).begin(caller, session)
        self.redis.delete(*self.redis.scan_iter("ussd:*:hold:*"))
        left = {key: self.redis.get(key) for key in self.redis.scan_iter("ussd:*")}
        if committed:
            answer = send(self.client, self._form(number, text))
            self.redis.delete(*self.redis.scan_iter("ussd:*"))
            for key, value in left.items():
                self.redis.set(key, value or "")
        placed = self.oracle.hears_receipt(
            number, session, text, asked=call.answer, typed=PIN, answer=answer
        )
        if redials:
            if not placed:
                self.oracle.denied.add((number, session, text))
            page = self._dial(number)
            assert placed or NOT_PLACED.search(page)
        late = self._hop(number, text, session=session)
        assert late == answer or not placed

    # What must be true after every step, and of what is kept in the end.

    @invariant()
    def money_moved_for_receipts_and_for_nothing_else(self) -> None:
        expected = [(b.phone, b.label, b.side, b.shillings) for b in self.oracle.bets.values()]
        with self.world.owner.connect() as connection:
            rows = connection.execute(BETS, {"phones": self.phones})
            assert sorted(map(tuple, rows)) == sorted(expected)
        for phone in self.phones[:2]:
            staked = sum(bet[3] for bet in expected if bet[0] == phone)
            assert self.world.wallet(phone) == BALANCE - kes(staked)

    def teardown(self) -> None:
        self.world.ledger_is_sound()
        names = list(self.redis.scan_iter("ussd:*"))
        cached = [(value or b"").decode() for value in (*names, *self.redis.mget(names))]
        # Hashes hold every byte that there is, now and then also a star between two digits.
        stored = [one for one in self.world.everything_stored() if not one.startswith("b")]
        check_kept([*cached, *stored])
        for market in self.markets.values():
            with self.world.database.begin() as connection:
                close_market(connection, market_id=market, by=self.world._two_admins()[0])

    def _call(self, phone: int) -> Call:
        number = self.phones[phone]
        return self.oracle.calls[number, self.sessions[number]]

    def _stand(self, phone: int, *, ready: bool) -> Call:
        at_confirm = CONFIRM.search(self._call(phone).answer)
        return self._walk(phone) if ready and not at_confirm else self._call(phone)

    def _walk(self, phone: int) -> Call:
        turn = len(self.oracle.calls)
        self._dial(self.phones[phone])
        for typed in ("00", "1", "1", str(1 + turn % 2), STAKES[turn % len(STAKES)]):
            if not self._call(phone).over:
                self._type(phone, typed)
        return self._call(phone)

    def _dial(self, number: str, *, text: str = "") -> str:
        self.sessions[number] = f"ATUid_{secrets.token_hex(16)}"
        return self._hop(number, text)

    def _type(self, phone: int, typed: str) -> None:
        self._hop(self.phones[phone], joined(self._call(phone).text, typed))

    def _hop(self, number: str, text: str, *, session: str | None = None, copies: int = 1) -> str:
        session = session or self.sessions[number]
        answer = send(self.client, self._form(number, text) | {"sessionId": session}, copies=copies)
        self.oracle.hears(number, session, text, answer)
        return answer

    def _form(self, number: str, text: str) -> dict[str, str]:
        return {
            "sessionId": self.sessions[number],
            "serviceCode": "*384*2030#",
            "phoneNumber": number,
            "networkCode": "63902",
            "text": text,
        }

    def _open_market(self) -> None:
        """Each closes before those there are, so it goes to the top of those nobody bets on."""
        if len(self.markets) < MOST_MARKETS:
            label = f"Event {len(self.markets)}"
            closes_in = timedelta(days=300 - 10 * len(self.markets))
            self.markets[label] = self.world.has_market(
                f"Will {label} happen?", label=label, closes_in=closes_in
            )


def test_no_gateway_makes_money_move_that_no_page_asked_for(
    world: World, client: FlaskClient, redis_client: Redis
) -> None:
    class Here(Gateway):
        def __init__(self) -> None:
            super().__init__(world, client, redis_client)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=int(EXAMPLES or 20),
            stateful_step_count=25,
            derandomize=EXAMPLES is None,
            database=None,
            phases=PHASES,
            suppress_health_check=list(HealthCheck),
        ),
    )
