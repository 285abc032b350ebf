"""My account: balance, statement, language, number, receipts, closing, help."""

from core.clock import short_time
from core.ledger import book
from core.ledger.book import owed
from core.ledger.check_receipt import NoSuchReceipt, check_receipt
from core.ledger.statement import StatementLine, find_line, read_statement
from core.markets.close_account import close_account
from core.notices.movements import movement_word, what_stands
from core.players.account import choose_language
from core.text import Language, Text, _
from ussd.pages import End, Link, Menu, Option, Page, Question, Redirect, action, answer, screen
from ussd.screens import limits, pin
from ussd.visit import Visit

MOST_SHOWN = 50


@screen
def menu(visit: Visit) -> Page:
    """What concerns the player rather than a market."""
    return Menu(
        _("My account"),
        (
            Option(_("Balance"), show_balance.at()),
            Option(_("Statement"), show_statement.at()),
            Option(_("Change PIN"), pin.current.at()),
            Option(_("Limits and breaks"), limits.menu.at()),
            Option(_("Language"), language.at()),
            Option(_("My number"), my_number.at()),
            Option(_("Check a receipt"), ask_receipt.at()),
            Option(_("Close account"), close.at()),
            Option(_("Help"), help_.at()),
        ),
    )


@action
def show_balance(visit: Visit) -> Link:
    """Asks for the PIN once per session."""
    return pin.once(visit, balance.at())


@screen
def balance(visit: Visit) -> Page:
    """What can be bet with now, and what of it is kept for a debt."""
    available = book.available(visit.reading, player_id=visit.who)
    debt = owed(visit.reading, player_id=visit.who)
    if debt:
        return Menu(
            _(
                "Your balance is {balance}. You owe us {owed}, which is kept back from"
                " withdrawals.",
                balance=available,
                owed=debt,
            )
        )
    return Menu(_("Your balance is {balance}.", balance=available))


@action
def show_statement(visit: Visit) -> Link:
    """Asks for the PIN once per session."""
    return pin.once(visit, statement.at())


@screen
def statement(visit: Visit) -> Page:
    """The last movements, newest first."""
    lines = read_statement(visit.reading, player_id=visit.who, limit=MOST_SHOWN)
    if not lines:
        return Menu(_("Nothing has moved in your account yet."))
    options = tuple(Option(_line(line), movement.at(line.transfer_id)) for line in lines)
    all_of_them = len(lines) < MOST_SHOWN
    title = _("Statement") if all_of_them else _("The last {count} movements", count=MOST_SHOWN)
    return Menu(title, options)


@screen
def movement(visit: Visit, transfer_id: int) -> Page:
    """One movement, as its receipt says it."""
    line = find_line(visit.reading, player_id=visit.who, transfer_id=transfer_id)
    if line is None:
        raise NoSuchReceipt
    return Menu(
        _(
            "Ref {reference}\n{kind} {amount}\n{time}\n{standing}",
            reference=line.reference,
            kind=movement_word(line.kind),
            amount=line.amount,
            time=short_time(line.posted_at),
            standing=what_stands(line),
        )
    )


@screen
def language(visit: Visit) -> Page:
    """The two languages, each in its own words."""
    return Menu(
        _("Language"),
        (
            Option(Text("English"), speak.at(Language.ENGLISH)),
            Option(Text("Kiswahili"), speak.at(Language.SWAHILI)),
        ),
    )


@action
def speak(visit: Visit, chosen: Language) -> Redirect:
    """Remember the language for pages and SMS."""
    choose_language(visit.connection, player_id=visit.who, language=chosen)
    visit.language = chosen
    return menu.at().instead()


@screen
def my_number(visit: Visit) -> Page:
    """The number, and whether it is proven."""
    player = visit.player()
    number = player.phone.replace("+254", "0")
    if player.kyc_verified_at is None:
        return Menu(_("{number} is not verified yet.", number=number))
    return Menu(
        _(
            "{number} is verified since {time}.",
            number=number,
            time=short_time(player.kyc_verified_at),
        )
    )


@screen
def ask_receipt(visit: Visit) -> Page:
    """Anybody can hold up an SMS; this page says whether it is ours."""
    return Question(
        _("Type the 6 letters and digits that follow Ref on the receipt"), receipt_typed.at()
    )


@answer
def receipt_typed(visit: Visit, typed: str) -> Link:
    """Show the movement, if it is the player's."""
    line = check_receipt(visit.reading, player_id=visit.who, typed=typed)
    return movement.at(line.transfer_id)


@screen
def close(visit: Visit) -> Page:
    """Closing always asks for the PIN."""
    return Question(_("Close your account for good? Enter PIN to close"), close_confirmed.at())


@answer
def close_confirmed(visit: Visit, typed: str) -> Link:
    """Close, if nothing of the player's is left here."""
    pin.prove(visit, typed)
    close_account(visit.connection, player_id=visit.who)
    return closed.at()


@screen
def closed(visit: Visit) -> Page:
    """Goodbye."""
    return End(_("Your account is closed. Thank you for playing."))


@screen
def help_(visit: Visit) -> Page:
    """Where a person answers, and under which licence where there is one."""
    settings = visit.settings
    words = _(
        "Send HELP by SMS to {shortcode}. We never ask for your PIN. Bet only what you can"
        " afford to lose: take a break under Limits and breaks.",
        shortcode=settings.at_shortcode,
    )
    if settings.licence_number or settings.helpline:
        return Menu(words, (Option(_("Licence"), licence.at()),))
    return Menu(words)


@screen
def licence(visit: Visit) -> Page:
    """Who allows the service, and who helps with gambling, as far as the settings say."""
    settings = visit.settings
    number, helpline = settings.licence_number, settings.helpline
    if not helpline:
        return Menu(_("Kibeezy's licence: {number}.", number=number))
    help_line = _("Is gambling a problem? Free help: {helpline}.", helpline=helpline)
    if not number:
        return Menu(help_line)
    return Menu(_("Kibeezy's licence: {number}. {help}", number=number, help=help_line))


def _line(line: StatementLine) -> Text:
    sign = "+" if line.amount.cents > 0 else ""
    amount = str(line.amount).replace("KES ", "")
    return _(
        "{day} {kind} {amount}",
        day=short_time(line.posted_at)[:5],
        kind=movement_word(line.kind),
        amount=f"{sign}{amount}",
    )
