"""The PIN: asked for, wrong, forgotten, changed."""

from core.players.change_pin import change_pin, reset_pin
from core.players.check_pin import check_pin
from core.players.phone_code import Purpose, ask_code, use_code
from core.players.rules import CodeTooSoon, PinsDiffer, parse_new_pin
from core.text import _
from ussd.pages import End, Link, Menu, Option, Page, Question, Redirect, action, answer, screen
from ussd.visit import Visit


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
        (Option(_("Try again"), again), Option(_("Forgot PIN"), forget.at())),
    )


@screen
def locked(visit: Visit) -> Page:
    """Shown under the sentence that says how long."""
    return Menu(_("Forgot your PIN?"), (Option(_("Forgot PIN"), forget.at()),))


@action
def forget(visit: Visit) -> Link:
    """Send a code that lets whoever holds the number choose a new PIN."""
    try:
        ask_code(visit.connection, player_id=visit.who, purpose=Purpose.PIN_RESET)
    except CodeTooSoon:
        return enter_code.at()
    return enter_code.at()


@screen
def enter_code(visit: Visit) -> Page:
    """Asks for the code of a forgotten PIN."""
    return Question(
        _("We sent you an SMS. Type the 6-digit code"),
        code_typed.at(),
        (Option(_("Send again"), send_again.at()),),
    )


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
    )
    return new_after_reset.at().afresh()


@screen
def new_after_reset(visit: Visit) -> Page:
    """The new PIN of somebody who proved the number."""
    return Question(_("Choose a new 4-digit PIN"), reset_chosen.at())


@answer
def reset_chosen(visit: Visit, typed: str) -> Link:
    """Keep only a keyed hash until it is typed again."""
    return repeat_after_reset.at(_first(visit, typed))


@screen
def repeat_after_reset(visit: Visit, first: str) -> Page:
    """Once more, against slips."""
    return Question(_("Enter the PIN again"), reset_repeated.at(first))


@answer
def reset_repeated(visit: Visit, typed: str, first: str) -> Redirect:
    """Replace the forgotten PIN."""
    if visit.pepper.mac("new pin", visit.session_id, typed).hex() != first:
        return new_after_reset.at().saying(PinsDiffer().text)
    reset_pin(visit.connection, player_id=visit.who, new_pin=typed, pepper=visit.pepper)
    return was_reset.at().afresh()


@screen
def was_reset(visit: Visit) -> Page:
    """Says what it means for withdrawals."""
    return End(_("Your new PIN is set. For your safety withdrawals wait 24 hours."))


@screen
def current(visit: Visit) -> Page:
    """Changing the PIN always asks for the old one."""
    return Question(_("Enter your current PIN"), current_typed.at())


@answer
def current_typed(visit: Visit, typed: str) -> Redirect:
    """Only who knows the PIN may change it."""
    prove(visit, typed)
    return new.at().instead()


@screen
def new(visit: Visit) -> Page:
    """The new PIN of somebody who knew the old one."""
    return Question(_("Choose a new 4-digit PIN"), new_chosen.at())


@answer
def new_chosen(visit: Visit, typed: str) -> Link:
    """Keep only a keyed hash until it is typed again."""
    return repeat.at(_first(visit, typed))


@screen
def repeat(visit: Visit, first: str) -> Page:
    """Once more, against slips."""
    return Question(_("Enter the PIN again"), repeated.at(first))


@answer
def repeated(visit: Visit, typed: str, first: str) -> Redirect:
    """Replace the PIN."""
    if visit.pepper.mac("new pin", visit.session_id, typed).hex() != first:
        return new.at().saying(PinsDiffer().text)
    change_pin(visit.connection, player_id=visit.who, new_pin=typed, pepper=visit.pepper)
    return changed.at().afresh()


@screen
def changed(visit: Visit) -> Page:
    """The PIN is new."""
    return End(_("Your PIN is changed."))


def _first(visit: Visit, typed: str) -> str:
    pin = parse_new_pin(typed, phone=visit.phone)
    return visit.pepper.mac("new pin", visit.session_id, pin).hex()
