"""The end of a run: everything comes to rest, then each phone compares its money to the cent."""

import re
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Executor

from bench.phones.caller import Caller, Lost
from bench.phones.journeys import balance_cents
from bench.phones.page import cents_in
from bench.phones.postman import Postman
from bench.phones.tally import Tally
from bench.phones.wire import Wire

_PATIENCE_SECONDS = 90.0
_POLL_SECONDS = 0.3
# What brings money or SMS; questions about pushes may be due tomorrow.
_WAITING = re.compile(
    r'^kibeezy_outbox_waiting\{kind="(?:send_sms|send_code|stk_push|stk_callback)"\} (\S+)$',
    re.MULTILINE,
)
_SET_ASIDE = re.compile(r"^kibeezy_outbox_set_aside\{.*\} (?!0\.0$)\S+$", re.MULTILINE)
_BALANCE = re.compile(r"^Balance ", re.IGNORECASE)


def settle(
    callers: Sequence[Caller], *, wire: Wire, postman: Postman, tally: Tally, crowd: Executor
) -> None:
    """Wait until nothing is on its way, then compare what phones, M-Pesa and service say."""
    for caller in callers:
        for hop in caller.handset.late:
            hop.result()
    _come_to_rest(wire, tally)
    postman.collect()
    paid = Counter[str]()
    for debit in wire.ask("/journal"):
        paid[debit["phone"]] += debit["amount"]
    joined = [caller for caller in callers if caller.joined]
    checks = [crowd.submit(_compare, caller, paid[caller.handset.number]) for caller in joined]
    for check in checks:
        check.result()
    tally.events["phones that compared their money"] = len(joined)


def _come_to_rest(wire: Wire, tally: Tally) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    calm = 0
    while calm < 2:  # noqa: PLR2004 - a callback may be between two jobs
        waits = sum(float(count) for count in _WAITING.findall(wire.metrics()))
        wire.ask("/idle?timeout=5")
        calm = 0 if waits else calm + 1
        if time.monotonic() > deadline:
            tally.found("the worker has not come to rest", page=f"{waits:.0f} jobs wait")
            return
        time.sleep(_POLL_SECONDS)
    for line in _SET_ASIDE.findall(wire.metrics()):
        tally.found("a job was set aside", page=line)


def _compare(caller: Caller, paid: int) -> None:
    handset, wallet = caller.handset, caller.wallet
    handset.network_is_bad = False
    caller.read_sms()
    if wallet.deposited != paid:
        handset.found(f"M-Pesa took {paid}, SMS told of {wallet.deposited}")
    missing = wallet.stakes.keys() - wallet.receipts
    if missing:
        handset.found(f"{len(missing)} bets without an SMS")
    try:
        told = balance_cents(caller)
    except Lost as error:
        handset.found(str(error))
        return
    handset.hang_up()
    if told != wallet.settles():
        handset.found(f"the page says {told} cents, {wallet.settles()} should be left")
    _compare_sms(caller)


def _compare_sms(caller: Caller) -> None:
    handset, postman = caller.handset, caller.postman
    had = len(postman.inbox(handset.number))
    handset.wire.order("POST", f"/handsets/{handset.number}/sms", text="BAL")
    if not postman.wait_for_more(handset.number, than=had, seconds=_PATIENCE_SECONDS):
        handset.found("no answer to BAL")
        return
    answer = postman.inbox(handset.number)[-1]
    if not _BALANCE.search(answer) or cents_in(answer) != caller.wallet.settles():
        caller.believe(f"BAL should tell of {caller.wallet.settles()} cents", answer)
