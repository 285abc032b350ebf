"""The PIN: asked for, wrong, forgotten, changed."""

from contextlib import suppress
from enum import StrEnum

from core.players.change_pin import change_pin, reset_pin
from core.players.check_pin import check_pin
from core.players.phone_code import Purpose, ask_code, use_code
from core.players.rules import CodeTooSoon, PinsDiffer, parse_new_pin
from core.text import Text, _
from ussd.pages import End, Link, Menu, Option, Page, Question, Redirect, action, answer, screen
from ussd.visit import Visit


class Proof(StrEnum):
    """How the caller has shown to be the player, before choosing a new PIN."""

    OLD_PIN = "old_pin"
    CODE = "code"


def once(visit: Visit, then: Link) -> Link:
    """Where to go for a page that asks for the PIN once per session."""
    return then if visit.proven else ask.at(then)


def prove(visit: Visit, typed: str) -> None:
    """Raise unless this is the caller's PIN; from then on the session is proven."""
    check_pin(visit.database, player_id=visit.who, typed=typed, pepper=visit.pepper)
    visit.proven = True


@screen
def ask(visit: Visit, then: Link) -> Page:
    """Asked once, then not again until the caller hangs up."""
    return Question(_("Enter your PIN"), typed_once.at(then))


@answer
def typed_once(visit: Visit, typed: str, then: Link) -> Redirect:
    """Go on to the page that was asked for."""
    prove(visit, typed)
    return then.instead()


@screen
def wrong(visit: Visit, again: Link) -> Page:
    """A wrong PIN has a page of its own: it is the moment people worry about their money."""
    return Menu(
        _("Wrong PIN. No money was taken."),
        (Option(_("Try again"), try_again.at(again)), Option(_("Forgot PIN"), forget.at())),
    )


@action
def try_again(visit: Visit, again: Link) -> Redirect:
    """Back to the page that asked; nobody wants to return to the wrong PIN."""
    return again.instead()


@screen
def locked(visit: Visit) -> Page:
    """Shown under the sentence that says how long."""
    return Menu(
        _("A code by SMS lets you choose a new PIN."), (Option(_("Forgot PIN"), forget.at()),)
    )


@screen
def thrown_away(visit: Visit) -> Page:
    """Where a call begins once staff have thrown the PIN away."""
    return Menu(
        _("Your old PIN does not work any more. A code by SMS lets you choose a new one."),
        (Option(_("Send the code"), forget.at()),),
    )


@action
def forget(visit: Visit) -> Link:
    """Send a code that lets whoever holds the number choose a new PIN."""
    # A code that was sent a moment ago will do.
    with suppress(CodeTooSoon):
        ask_code(visit.connection, player_id=visit.who, purpose=Purpose.PIN_RESET)
    return enter_code.at()


@screen
def enter_code(visit: Visit) -> Page:
    """Asks for the code of a forgotten PIN."""
    return Question(
        _("We sent you an SMS. Type the 6-digit code"),
        code_typed.at(),
        (Option(_("Send again"), send_again.at()),),
    )


@enter_code.continued_as
def reset_to_continue(visit: Visit) -> Text:
    """Most phones must leave the dialog to read the SMS with the code."""
    return _("new PIN")


@action
def send_again(visit: Visit) -> Redirect:
    """Have another code sent."""
    ask_code(visit.connection, player_id=visit.who, purpose=Purpose.PIN_RESET)
    return enter_code.at().saying(_("A new code is on its way."))


@answer
def code_typed(visit: Visit, typed: str) -> Redirect:
    """Use up the code; from here on only this session may choose the new PIN."""
    use_code(
        visit.database,
        player_id=visit.who,
        purpose=Purpose.PIN_RESET,
        typed=typed,
        pepper=visit.pepper,
        then=lambda _connection: None,
    )
    return new.at(Proof.CODE).afresh()


@screen
def current(visit: Visit) -> Page:
    """Changing the PIN always asks for the old one."""
    return Question(_("Enter your current PIN"), current_typed.at())


@answer
def current_typed(visit: Visit, typed: str) -> Redirect:
    """Only who knows the PIN may change it."""
    prove(visit, typed)
    return new.at(Proof.OLD_PIN).instead()


@screen
def new(visit: Visit, proof: Proof) -> Page:
    """The new PIN."""
    return Question(_("Choose a new 4-digit PIN"), new_typed.at(proof))


@answer
def new_typed(visit: Visit, typed: str, proof: Proof) -> Link:
    """Keep only a keyed hash of it until it is typed again."""
    return repeat.at(proof, typed_once_mac(visit, parse_new_pin(typed, phone=visit.phone)))


@screen
def repeat(visit: Visit, proof: Proof, first: str) -> Page:
    """Once more, against slips."""
    return Question(_("Enter the PIN again"), repeated.at(proof, first))


@answer
def repeated(visit: Visit, typed: str, proof: Proof, first: str) -> Redirect:
    """Replace the PIN."""
    if typed_once_mac(visit, typed) != first:
        return new.at(proof).saying(PinsDiffer().text)
    match proof:
        case Proof.OLD_PIN:
            change_pin(visit.connection, player_id=visit.who, new_pin=typed, pepper=visit.pepper)
        case Proof.CODE:
            reset_pin(visit.connection, player_id=visit.who, new_pin=typed, pepper=visit.pepper)
    return changed.at(proof).afresh()


@screen
def changed(visit: Visit, proof: Proof) -> Page:
    """The PIN is new; after a reset, what that means for withdrawals."""
    match proof:
        case Proof.OLD_PIN:
            return End(_("Your PIN is changed."))
        case Proof.CODE:
            return End(_("Your new PIN is set. For your safety withdrawals wait 24 hours."))


def typed_once_mac(visit: Visit, pin: str) -> str:
    """All that is kept of a PIN that must be typed again, and only for this session."""
    return visit.pepper.mac("pin typed once", visit.session_id, pin).hex()
