"""What players may call themselves, which PINs are too easy, and who may play."""

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Final

from core.clock import short_time
from core.errors import Refused
from core.gsm7 import is_gsm7, made_plain
from core.players.records import Player, Status
from core.text import _

NAME_MIN_LETTERS: Final = 2
NAME_MAX_LENGTH: Final = 40
PIN_LOCKS: Final = {3: timedelta(minutes=15), 6: timedelta(hours=24)}
PIN_TRIES_BEFORE_RESET: Final = 9
PAUSE_AFTER_PIN_RESET: Final = timedelta(hours=24)
CODE_LIFE: Final = timedelta(minutes=10)
CODE_TRIES: Final = 3
CODE_LOCK: Final = timedelta(minutes=30)
CODE_RESEND_AFTER: Final = timedelta(seconds=60)
CODES_PER_DAY: Final = 5
# Of ten thousand neighbouring numbers one in ten does not register within one hour, not even on
# the day of an advertisement; whoever pumps codes to a range of numbers that pays them does.
CODES_AN_HOUR_TO_A_BLOCK: Final = 1_000
# At KES 0.80 each a day of abuse costs KES 16,000 at most, and one of new PINs KES 4,000.
CODES_A_DAY_TO_NEW_NUMBERS: Final = 20_000
CODES_A_DAY_TO_PROVEN_NUMBERS: Final = 5_000

_NAME = re.compile(r"[A-Za-z][A-Za-z'. \-]*[A-Za-z.]", re.ASCII)
_NAME_LETTERS = re.compile(r"[A-Za-z'. \-]*", re.ASCII)
_PIN = re.compile(r"\d{4}", re.ASCII)
_CODE = re.compile(r"\d{6}", re.ASCII)
_YEAR = re.compile(r"(19|20)\d\d", re.ASCII)
_RUNS = "01234567890", "09876543210"


class InvalidName(Refused):
    """Not a name that a page can show."""


class NoName(InvalidName):
    """Too few letters, or signs where letters should be."""

    def __init__(self) -> None:
        super().__init__(_("Type your full name in letters, like Wanjiru Kamau."))


class NameTooLong(InvalidName):
    """Longer than a page has room for."""

    def __init__(self) -> None:
        super().__init__(
            _("That name is too long. Type at most {most} letters.", most=NAME_MAX_LENGTH)
        )


class NotInAName(InvalidName):
    """A character that no name has; named, unless the phone that reads this cannot show it."""

    def __init__(self, character: str) -> None:
        super().__init__(
            _(
                "{character} cannot stand in a name. Type letters, like Wanjiru Kamau.",
                character=character,
            )
            if is_gsm7(character)
            else _(
                "That name has a sign that phones cannot show. Type letters, like Wanjiru Kamau."
            )
        )
        self.character = character


class InvalidPin(Refused):
    """Not four digits."""

    def __init__(self) -> None:
        super().__init__(_("A PIN is 4 digits."))


class WeakPin(Refused):
    """A PIN that a stranger would try first."""

    def __init__(self) -> None:
        super().__init__(_("That PIN is too easy to guess. Choose another."))


class PinsDiffer(Refused):
    """The second PIN is not the first."""

    def __init__(self) -> None:
        super().__init__(_("The two PINs differ."))


class WrongPin(Refused):
    """Not this player's PIN; one try is used up."""

    def __init__(self) -> None:
        super().__init__(_("Wrong PIN. No money was taken."))


class PinLocked(Refused):
    """Too many wrong PINs; wait, or prove the number again."""

    def __init__(self, until: datetime | None) -> None:
        wait = _("Try again after {time}.", time=short_time(until)) if until else _("Reset it.")
        super().__init__(_("PIN locked. No money was taken. {wait}", wait=wait))


class InvalidCode(Refused):
    """Not six digits."""

    def __init__(self) -> None:
        super().__init__(_("The code is 6 digits."))


class WrongCode(Refused):
    """Not the code we sent; one try is used up."""

    def __init__(self, tries_left: int) -> None:
        super().__init__(_("Wrong code. Tries left: {tries}.", tries=tries_left))


class CodeExpired(Refused):
    """No live code: it was used, is older than its life, or none was sent."""

    def __init__(self) -> None:
        super().__init__(_("That code has expired. Ask for a new one."))


class CodeLocked(Refused):
    """Too many wrong codes; a new code does not help."""

    def __init__(self, until: datetime) -> None:
        super().__init__(_("Too many wrong codes. Try after {time}.", time=short_time(until)))


class CodeTooSoon(Refused):
    """A code was sent moments ago, or too many today."""

    def __init__(self) -> None:
        super().__init__(_("A code was just sent. Wait a minute."))


class CodesUsedUp(Refused):
    """This number has had its codes of the day."""

    def __init__(self) -> None:
        super().__init__(_("No more codes today. Try tomorrow."))


class CodesHeld(Refused):
    """So many codes were asked for, by whomever, that no more are sent before this moment."""

    def __init__(self, until: datetime) -> None:
        super().__init__(
            _("We cannot send a code now. Try again after {time}.", time=short_time(until))
        )


class AlreadyRegistered(Refused):
    """The number has an account."""

    def __init__(self) -> None:
        super().__init__(_("This number is registered already."))


class NotVerified(Refused):
    """The number is not proven yet."""

    def __init__(self) -> None:
        super().__init__(_("Verify your number first. No money was taken."))


class OnBreak(Refused):
    """The player asked to be kept out for a while."""

    def __init__(self, until: datetime) -> None:
        super().__init__(
            _("You are on a break until {time}. No money was taken.", time=short_time(until))
        )


class AccountLocked(Refused):
    """Staff locked the account."""

    def __init__(self) -> None:
        super().__init__(_("Your account is locked. No money was taken."))


class AccountClosed(Refused):
    """The player closed the account."""

    def __init__(self) -> None:
        super().__init__(_("Your account is closed. No money was taken."))


def ensure_may_play(player: Player) -> None:
    """Raise NotVerified, OnBreak, AccountLocked or AccountClosed unless the player is active."""
    match player.status:
        case Status.ACTIVE:
            return
        case Status.UNVERIFIED:
            raise NotVerified
        case Status.ON_BREAK:
            assert player.break_until is not None
            raise OnBreak(player.break_until)
        case Status.LOCKED:
            raise AccountLocked
        case Status.CLOSED:
            raise AccountClosed


def parse_full_name(typed: str) -> str:
    """The name with single spaces and without accents, which phones spell each their own way.

    Raises InvalidName: NotInAName names the first character that cannot stay.
    """
    composed = unicodedata.normalize("NFC", made_plain(typed))
    name = " ".join("".join(_name_letters(character) for character in composed).split())
    if len(name) > NAME_MAX_LENGTH:
        raise NameTooLong
    if sum(map(str.isalpha, name)) < NAME_MIN_LETTERS or not _NAME.fullmatch(name):
        raise NoName
    return name


def parse_pin(typed: str) -> str:
    """Four digits as typed. Raises InvalidPin."""
    if not _PIN.fullmatch(typed):
        raise InvalidPin
    return typed


def parse_new_pin(typed: str, *, phone: str) -> str:
    """Four digits that are no repeat, run, year or part of the number. Raises WeakPin too."""
    pin = parse_pin(typed)
    run = any(pin in digits for digits in _RUNS)
    if len(set(pin)) == 1 or run or _YEAR.fullmatch(pin) or pin in phone:
        raise WeakPin
    return pin


def parse_code(typed: str) -> str:
    """Six digits as typed. Raises InvalidCode."""
    if not _CODE.fullmatch(typed.strip()):
        raise InvalidCode
    return typed.strip()


def _name_letters(character: str) -> str:
    """The plain letters for a character of a name. Raises NotInAName."""
    if character.isspace():
        return " "
    parts = unicodedata.normalize("NFKD", character)
    letters = "".join(part for part in parts if not unicodedata.combining(part))
    if not _NAME_LETTERS.fullmatch(letters):
        raise NotInAName(character)
    return letters
