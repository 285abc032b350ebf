"""Depositing: an amount, then M-Pesa asks once the session is over."""

from datetime import timedelta

from core.config.in_force import Config
from core.deposits.excise import smallest_leaving, tax
from core.deposits.request_deposit import request_deposit
from core.money import Money, percent
from core.money_input import parse_whole_shillings
from core.players.rules import ensure_may_play
from core.text import Text, _
from ussd.pages import End, Link, Menu, Option, Page, Question, action, answer, screen
from ussd.visit import Visit


@screen
def ask_amount(visit: Visit) -> Page:
    """The only question: M-Pesa asks for its own PIN."""
    ensure_may_play(visit.player())
    return Question(_how_much(visit.config), amount_typed.at())


@answer
def amount_typed(visit: Visit, typed: str) -> Link:
    """Ask for the prompt, unless the amount is refused."""
    amount = parse_whole_shillings(typed)
    _request(visit, amount)
    return prompt_follows.at(amount)


@screen
def offer(visit: Visit, shortfall: Money) -> Page:
    """A stake that the wallet does not cover: the exact missing amount is one press away."""
    smallest = visit.config.deposit_range[0]
    missing = shortfall.rounded_up
    bps = visit.config.excise_bps
    amount = max(smallest_leaving(missing, bps=bps), smallest)
    options = (Option(_("Deposit {amount}", amount=amount), top_up.at(amount)),)
    if not bps:
        return Menu(_("You need {missing} more. No money was taken.", missing=missing), options)
    return Menu(
        _(
            "You need {missing} more, and excise takes {rate} of a deposit. No money was taken.",
            missing=missing,
            rate=percent(bps),
        ),
        options,
    )


@action
def top_up(visit: Visit, amount: Money) -> Link:
    """Ask for the prompt of the missing amount."""
    _request(visit, amount)
    return prompt_then_bet.at(amount)


@screen
def prompt_follows(visit: Visit, amount: Money) -> Page:
    """Ends the session: a prompt cannot appear while one is open."""
    taxed = tax(amount, bps=visit.config.excise_bps)
    if taxed.excise:
        return End(
            _(
                "{amount} asked, {net} to play after {rate} excise. Wait for the M-Pesa prompt"
                " and enter your M-Pesa PIN. An SMS will confirm your deposit.",
                amount=amount,
                net=taxed.net,
                rate=percent(taxed.bps),
            )
        )
    return End(
        _(
            "{amount}: now wait for the M-Pesa prompt on this phone and enter your M-Pesa PIN."
            " An SMS will confirm your deposit.",
            amount=amount,
        )
    )


@screen
def prompt_then_bet(visit: Visit, amount: Money) -> Page:
    """The same, for a bet that was short of money: the next dial goes on with it."""
    taxed = tax(amount, bps=visit.config.excise_bps)
    if taxed.excise:
        return End(
            _(
                "{amount} asked, {net} to play after {rate} excise. Wait for the M-Pesa prompt"
                " and enter your M-Pesa PIN. Then dial again: your bet is waiting.",
                amount=amount,
                net=taxed.net,
                rate=percent(taxed.bps),
            )
        )
    return End(
        _(
            "{amount}: now wait for the M-Pesa prompt on this phone and enter your M-Pesa PIN."
            " Then dial again: your bet is waiting.",
            amount=amount,
        )
    )


prompt_then_bet.leads_back()


def _how_much(config: Config) -> Text:
    """The range, and what a bet would need where excise leaves less than was deposited."""
    smallest, largest = config.deposit_range
    values = {"smallest": smallest, "largest": largest, "rate": percent(config.excise_bps)}
    if not config.excise_bps:
        return _("Deposit how much? {smallest} to {largest}", **values)
    useful = smallest_leaving(config.stake_range[0], bps=config.excise_bps)
    if useful <= smallest:
        return _("Deposit how much? {smallest} to {largest}. Excise takes {rate}.", **values)
    return _(
        "Deposit how much? {smallest} to {largest}. Excise takes {rate}: a bet needs {useful} or"
        " more.",
        **values,
        useful=useful,
    )


def _request(visit: Visit, amount: Money) -> None:
    request_deposit(
        visit.connection,
        player_id=visit.who,
        amount=amount,
        key=visit.key,
        config=visit.config,
        push_delay=timedelta(seconds=visit.settings.stk_push_delay_seconds),
    )
