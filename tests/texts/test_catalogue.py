"""Every text a player can meet stands in the catalogue, whole, once, and fit for a phone."""

import ast
from collections.abc import Iterator
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from core.gsm7 import septets
from core.text import CATALOGUES, Language
from tests.architecture.test_tree import ROOT, SERVICE, python_files

# Proper names, and "Ref", which stands beside the reference on every receipt in both languages.
SAME_IN_SWAHILI = {
    "English",
    "Kibeezy",
    "Kibeezy\n{paused}",
    "Kiswahili",
    "Ref {reference}\n{kind} {amount}\n{time}\n{standing}",
}

# Said to staff at the command line, which speaks English; no page and no SMS can show them.
FOR_STAFF = {
    (
        "That did not match, or the code was used already: wait for the next one."
        " After {tries} wrong tries an account waits {minutes} minutes."
    ),
    (
        "That did not match, or the code was used already: wait for the next one."
        " After {tries} wrong ones this session ends."
    ),
    "Not enrolled yet: approve it once they are, and ask them in person first.",
    "The admin {email} is disabled.",
    (
        "Fewer than {least} other owners would be left, and a role is granted by two."
        " Make another owner first, with the command admin create."
    ),
    "A role is proposed already: approve or withdraw that first.",
    "Nobody does that to their own account: ask another owner.",
    "That proposal is decided already.",
    "The role is {role} already.",
    "The two new passwords differ: type the same one twice.",
    "Whoever {act} could not do so today. It does not count: do it anew.",
    "No transfer has the number or reference {reference}.",
    "Write the value in whole shillings, like 20,000.",
    "Write the value in percent, like 10 or 0.25.",
    "Write the value in whole hours, like 168.",
    "This enrolment is over: ask for a new code.",
    "That is not the code the app shows now. Check the phone's clock, and type the next.",
    "Choose a day and a time.",
    "Somebody has changed this draft since you opened it. Open it anew, and read it.",
    "edited it",
    "Job {job_id} is not set aside.",
    "Codes and news are never sent again.",
    "That is your own account. A colleague must do it.",
    "{phone} has closed the account. Nothing changes there.",
    "You locked this account, so a colleague or an owner must unlock it.",
    "SMS {sms_id} is {state}. Only one that did not arrive is sent again.",
    "SMS {sms_id} may have arrived: say that it may arrive twice to send it.",
    "Debits and credits differ: look at `ledger verify`.",
    "That time has not come yet.",
    "The balance differs from its entries: look at `ledger verify`.",
    "The movements do not add up: look at `ledger verify`.",
    "The period ends before it begins.",
    "Write the day like {example}.",
    "{account}: opening and movements are not closing: look at `ledger verify`.",
    "Daraja gave no clear answer: {code}.",
    "Daraja has URLs already: delete them on its portal first.",
    "Daraja refused: {code}.",
    "No decision about {what} is open.",
    "Nobody decides about money of their own phone.",
    "Settlements are paused for now. What is resolved is paid once they run again.",
    "Payment {paybill_id} is {state}, not in suspense.",
    "The account of {phone} is closed.",
    "{email} has proposed already: approve that or cancel it.",
    "M-Pesa gave no statement ({code}). What came before still counts.",
    "Line {line} of the statement: {why}. Nothing was imported.",
    "The statement is of short code {short_code}, which is not ours. Nothing was imported.",
    "The statement covers no time that has passed. Nothing was imported.",
    "A category is a decent name of 1 to {most} characters.",
    "A label is a decent name of 1 to {most} characters.",
    "A market needs a question.",
    "A void gives every bet back, late or not.",
    "Bets can only be late after the market opened.",
    "Bets cannot be late from a time to come.",
    "Market {market_id} has that result already.",
    "Market {market_id} is not resolved: nothing is to be paid yet.",
    "The proposal has changed since you opened this page. Read it again: nothing was paid.",
    "The proposal has changed since you read it. Read it again.",
    "Type {market_id} {outcome} to confirm. Nothing was paid.",
    "The result of market {market_id} is final since {time}.",
    "The correction of market {market_id} ended at {time}: the result in force stays.",
    "A password has {least} to {most} characters.",
    "A value counts from a minute from now at the soonest.",
    "An admin with the role {role} may not do that.",
    "Another admin than the one who {act} must do this.",
    "created it",
    "From {time} on {low} would be above {high}.",
    "Its time has passed without an approval. Propose it again.",
    "Kibeezy alarm {number}: {why}",
    "Kibeezy ledger {day}: block {block}, hash {hash_hex}. Keep this SMS.",
    "Market {market_id} is {status}.",
    "imported it",
    "proposed it",
    "proposed the result",
    "Deposit {deposit_id} is {state}.",
    "Name M-Pesa's receipt of the payment, such as SGR7ABC123.",
    "Receipt {receipt} does not belong to this payment.",
    "That is not an e-mail address.",
    "That import counts already.",
    "That time is too far away.",
    "The account of this player is locked. Unlock it, or refuse this.",
    "Withdrawal {withdrawal_id} does not wait for two people. It is {state}.",
    "Withdrawal {withdrawal_id} is {state}.",
    "Withdrawals of this player wait until {time}. Release it then, or refuse it.",
    "{proposer} and {agreer} have released withdrawal {withdrawal_id}.",
    "That value is approved. Propose another one to change it.",
    "No dispute of market {market_id} is open.",
    "ruled on its dispute",
    "The approval",
    "The closing time has passed.",
    "The evidence",
    "The fee is 0 to {most} basis points.",
    "The market takes bets until {time}: close it first, or propose void.",
    "The outcome is yes, no or void.",
    "The question has a word that players should not read.",
    "The question has {size} characters; {most} fit on a phone.",
    "The reason",
    "The result may be disputed until {time}.",
    "The result is disputed: a third admin must rule first.",
    "The source",
    "The time needs an offset, like {example}.",
    "There is an admin with this e-mail address or phone already.",
    "Write the time like {example}.",
    "{email} has a bet in this market. Only a void by others can end it.",
    "{email} has taken that alarm.",
    "{name} is {least} to {most}.",
    "{what} is a text of 1 to {most} characters.",
}


def extracted() -> set[str]:
    """What `make texts` finds."""
    with (CATALOGUES / "babel.cfg").open() as mapping:
        method_map, options_map = parse_mapping_cfg(mapping)  # type: ignore[no-untyped-call]
    found = extract_from_dir(ROOT, method_map, options_map, keywords={"_": None})
    return {str(message) for _file, _line, message, _comments, _context in found}


def marked() -> Iterator[tuple[str, ast.Call]]:
    """Every call of `_` in the service, with the place to name where it is wrong."""
    for path in python_files(*SERVICE):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Name(id="_")):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node
                case _:
                    pass


def catalogue() -> Catalog:
    with (CATALOGUES / Language.SWAHILI / "LC_MESSAGES" / "kibeezy.po").open("rb") as file:
        return read_po(file, locale=str(Language.SWAHILI), abort_invalid=True)


def entries() -> dict[str, Message]:
    return {str(message.id): message for message in catalogue() if message.id}


def translated() -> list[tuple[str, str]]:
    return [(text, str(entry.string)) for text, entry in entries().items() if entry.string]


def placeholders(template: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in Formatter().parse(template) if name}


def has_words(template: str) -> bool:
    literal = "".join(text for text, *_ in Formatter().parse(template))
    return any(character.isalpha() for character in literal)


def test_a_text_is_written_out_where_it_is_marked() -> None:
    """Nothing else can be extracted; values are passed beside the text."""
    for place, call in marked():
        match call.args:
            case [ast.Constant(value=str(text))]:
                names = {value.arg for value in call.keywords}
                # `**values` are filled in while the program runs; the SMS tests draw those.
                assert None in names or placeholders(text) == names, f"{place}: values differ"
            case _:
                raise AssertionError(f"{place}: a text is one literal, never put together")


def test_the_configuration_finds_every_marked_text() -> None:
    written = {call.args[0].value for _, call in marked() if isinstance(call.args[0], ast.Constant)}
    assert extracted() == written


def test_the_catalogue_holds_the_texts_of_the_code_and_no_others() -> None:
    in_the_code, in_the_catalogue = extracted(), set(entries())
    assert in_the_code - in_the_catalogue == set(), "new texts: run `make texts` and translate"
    assert in_the_catalogue - in_the_code == set(), "texts that are gone: run `make texts`"
    assert not catalogue().obsolete


def test_every_text_but_those_for_staff_is_translated() -> None:
    untranslated = {text for text, entry in entries().items() if not entry.string}
    assert untranslated == FOR_STAFF


def test_no_translation_is_a_guess() -> None:
    assert [text for text, entry in entries().items() if entry.fuzzy] == []


def test_a_translation_has_the_values_and_lines_of_its_text() -> None:
    for english, swahili in translated():
        assert placeholders(swahili) == placeholders(english), swahili
        assert swahili.count("\n") == english.count("\n"), swahili
        assert swahili.strip() == swahili, swahili


def test_a_phone_can_show_every_text_in_both_languages() -> None:
    for pair in translated():
        for text in pair:
            assert septets(text) > 0, text


def test_only_names_are_the_same_in_both_languages() -> None:
    same = {english for english, swahili in translated() if english == swahili}
    assert {text for text in same if has_words(text)} == SAME_IN_SWAHILI
