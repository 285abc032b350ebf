"""Registration: a name, an age, a PIN, and the code that proves the number."""

from core.players.phone_code import Purpose, ask_code, code_was_asked
from core.players.register import register
from core.players.rules import PinsDiffer, parse_full_name, parse_new_pin
from core.players.verify_phone import verify_phone
from core.text import Text, _
from ussd.pages import End, Link, Menu, Option, Page, Question, Redirect, action, answer, screen
from ussd.screens import home
from ussd.screens.pin import typed_once_mac
from ussd.visit import Visit


@screen
def ask_name(visit: Visit) -> Page:
    """The first question."""
    return Question(_("Type your full name"), name_typed.at())


@answer
def name_typed(visit: Visit, typed: str) -> Link:
    """Check the name."""
    return ask_age.at(parse_full_name(typed))


@screen
def ask_age(visit: Visit, full_name: str) -> Page:
    """The law's question."""
    return Menu(
        _("Are you 18 or older?"),
        (Option(_("Yes"), choose_pin.at(full_name)), Option(_("No"), too_young.at())),
    )


@screen
def too_young(visit: Visit) -> Page:
    """Nobody under 18 plays."""
    return End(_("Kibeezy is only for people of 18 and older. Nothing was saved."))


@screen
def choose_pin(visit: Visit, full_name: str) -> Page:
    """The PIN proves the person, as the network proves the number."""
    return Question(_("Choose a 4-digit PIN"), pin_chosen.at(full_name))


@answer
def pin_chosen(visit: Visit, typed: str, full_name: str) -> Link:
    """Keep only a keyed hash of the PIN until it is typed again."""
    pin = parse_new_pin(typed, phone=visit.phone)
    return repeat_pin.at(full_name, typed_once_mac(visit, pin))


@screen
def repeat_pin(visit: Visit, full_name: str, first: str) -> Page:
    """A slip of the thumb must not lock anybody out."""
    return Question(_("Enter the PIN again"), pin_repeated.at(full_name, first))


@answer
def pin_repeated(visit: Visit, typed: str, full_name: str, first: str) -> Redirect:
    """Register, and have the code sent."""
    if typed_once_mac(visit, typed) != first:
        return choose_pin.at(full_name).saying(PinsDiffer().text)
    player = register(
        visit.connection,
        phone=visit.phone,
        full_name=full_name,
        pin=typed,
        language=visit.language,
        pepper=visit.pepper,
    )
    visit.player_id = player.id
    return enter_code.at(home.main.at()).afresh()


@screen
def enter_code(visit: Visit, then: Link) -> Page:
    """Asks for the code; may be left, and is asked first on the next dial."""
    phone = _local(visit.phone)
    asked = code_was_asked(visit.reading, player_id=visit.who, purpose=Purpose.VERIFY)
    return Question(
        _("We send an SMS to {phone}. Type the 6-digit code", phone=phone)
        if asked
        else _("You are registered. We cannot send a code to {phone} now. Try later", phone=phone),
        code_typed.at(then),
        (Option(_("Send again"), send_again.at(then)),),
    )


@answer
def code_typed(visit: Visit, typed: str, then: Link) -> Redirect:
    """Prove the number."""
    verify_phone(visit.database, player_id=visit.who, typed=typed, pepper=visit.pepper)
    return then.afresh(_("Your number is verified."))


@action
def send_again(visit: Visit, then: Link) -> Redirect:
    """Have another code sent; the one before it stops working when this one leaves."""
    ask_code(visit.connection, player_id=visit.who, purpose=Purpose.VERIFY)
    return enter_code.at(then).saying(_("A new code is on its way."))


@ask_age.continued_as
@choose_pin.continued_as
def registration_to_continue(visit: Visit, full_name: str) -> Text:
    """Nothing is stored before the PIN was typed twice."""
    return _("register {full_name}", full_name=full_name)


def _local(phone: str) -> str:
    return f"0{phone.removeprefix('+254')}"
