"""Withdrawing: an amount, the price, and the PIN; M-Pesa pays to the caller's own number."""

from core.ledger import book
from core.ledger.reference import reference_of
from core.money import Money
from core.text import Text, _
from core.withdrawals.give_up_withdrawal import StillAtWork, WithdrawalGivenUp, give_up_withdrawal
from core.withdrawals.request_withdrawal import request_withdrawal
from core.withdrawals.rules import (
    Price,
    PriceChanged,
    ensure_may_withdraw,
    parse_withdrawal,
    payable_range,
    price_in,
)
from ussd.pages import End, Link, Outcome, Page, Question, answer, screen
from ussd.screens import pin
from ussd.visit import SCOPE, Visit


@screen
def ask_amount(visit: Visit) -> Page:
    """How much; what is there is not said to whoever has not shown the PIN."""
    ensure_may_withdraw(visit.player())
    smallest, largest = payable_range(visit.config)
    return Question(
        _("Withdraw how much? {smallest} to {largest}", smallest=smallest, largest=largest),
        amount_typed.at(),
    )


@answer
def amount_typed(visit: Visit, typed: str) -> Link:
    """Check the amount, and find its price."""
    price = parse_withdrawal(typed, visit.config)
    return confirm.at(price.amount, price.fee, price.tax)


@screen
def confirm(visit: Visit, amount: Money, fee: Money, tax: Money) -> Page:
    """Says what arrives and what it costs; the PIN itself is the yes."""
    price = Price(amount, fee, tax)
    if price != price_in(visit.config, amount):
        raise PriceChanged
    number = visit.phone.replace("+254", "0")
    if price.net == amount:
        return Question(
            _("{net} to M-Pesa {number}\nEnter PIN to withdraw", net=price.net, number=number),
            confirmed.at(amount, fee, tax),
        )
    return Question(
        _(
            "{net} to M-Pesa {number}\n{costs}\nEnter PIN to withdraw",
            net=price.net,
            number=number,
            costs=_costs(price),
        ),
        confirmed.at(amount, fee, tax),
    )


@answer
def confirmed(visit: Visit, typed: str, amount: Money, fee: Money, tax: Money) -> Link:
    """Hold the money and have it paid, once, however often this hop arrives."""
    pin.prove(visit, typed)
    price = Price(amount, fee, tax)
    asked = request_withdrawal(
        visit.connection, player_id=visit.who, price=price, key=visit.key, settings=visit.settings
    )
    left = book.available(visit.connection, player_id=visit.who)
    if asked.needs_release:
        return looked_at.at(asked.reference, price.net, left)
    return sent.at(asked.reference, price.net, left)


@screen
def sent(visit: Visit, reference: str, net: Money, balance: Money) -> Page:
    """On its way; an SMS tells when it has arrived."""
    return End(
        _(
            "Withdrawal of {net} to your M-Pesa is on its way. Ref {reference}. Balance {balance}."
            " An SMS will confirm it.",
            net=net,
            reference=reference,
            balance=balance,
        )
    )


@screen
def looked_at(visit: Visit, reference: str, net: Money, balance: Money) -> Page:
    """Held, and people look at it before anybody is called."""
    return End(
        _(
            "Withdrawal of {net} to your M-Pesa. Ref {reference}. Balance {balance}. We look at"
            " large withdrawals first. An SMS will tell you.",
            net=net,
            reference=reference,
            balance=balance,
        )
    )


@confirm.continued_as
def withdrawal_to_continue(visit: Visit, amount: Money, fee: Money, tax: Money) -> Text:
    """The withdrawal that only lacks its PIN."""
    return _("withdraw {amount}", amount=amount)


@confirmed.came_to
def what_came_of_it(
    visit: Visit, session_id: str, amount: Money, fee: Money, tax: Money
) -> Outcome:
    """Made, surely not made, or still being made."""
    try:
        hold = give_up_withdrawal(
            visit.connection, player_id=visit.who, scope=SCOPE, series=session_id
        )
    except StillAtWork:
        return Outcome(_("If your last withdrawal is made, an SMS will tell you."), done=True)
    if hold is None:
        return Outcome(WithdrawalGivenUp().text, done=False)
    return Outcome(_remembered(reference_of(hold)), done=True)


@sent.remembered_as
@looked_at.remembered_as
def withdrawal_to_remember(visit: Visit, reference: str, net: Money, balance: Money) -> Text:
    """The last page may not have been seen."""
    return _remembered(reference)


def _remembered(reference: str) -> Text:
    return _("Your last withdrawal was made. Ref {reference}.", reference=reference)


def _costs(price: Price) -> Text:
    """Fee and tax leave the wallet beside what arrives."""
    if not price.tax:
        return _("Fee {fee}, in all {amount}", fee=price.fee, amount=price.amount)
    if not price.fee:
        return _("Tax {tax}, in all {amount}", tax=price.tax, amount=price.amount)
    return _(
        "Fee {fee}, tax {tax}, in all {amount}", fee=price.fee, tax=price.tax, amount=price.amount
    )
