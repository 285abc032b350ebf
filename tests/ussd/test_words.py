"""Whatever people type or paste ends up as words that every phone can show, or is refused."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import Refused
from core.gsm7 import NotGsm7, ensure_gsm7, septets
from core.markets.terms import parse_category, parse_label, parse_question
from core.players.rules import NAME_MAX_LENGTH, parse_full_name
from core.text import Language, Text
from tests.phone import Phone
from ussd.drawing import PAGE_SEPTETS, draw
from ussd.pages import Menu, Question
from ussd.screens import registering

TYPOGRAPHY = (
    "\u2018\u2019`\u00b4\u02bc\u201c\u201d\u2013\u2014\u2026\u200b\ufeff"
    " \t\n'-.\u00e9\u0169\u0129\u00d1\u00df\u20ac{}"
)
PASTED = st.text(st.characters() | st.sampled_from(TYPOGRAPHY))


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("Wanjiru 4", "4 cannot stand in a name. Type letters, like Wanjiru Kamau."),
        ("Wanjiru_Kamau", "_ cannot stand in a name."),
        ("W@njiru", "@ cannot stand in a name."),
        ("Strauß", "ß cannot stand in a name."),
        ("Wanjiru €", "€ cannot stand in a name."),
        ("Wanjiru 🙂", "That name has a sign that phones cannot show."),
        ("Ванжиру", "That name has a sign that phones cannot show."),
        ("x" * 41, "That name is too long. Type at most 40 letters."),
        ("W.", "Type your full name in letters, like Wanjiru Kamau."),
        ("--", "Type your full name in letters, like Wanjiru Kamau."),
    ],
)
def test_a_caller_is_told_what_cannot_stand_in_a_name(phone: Phone, name: str, named: str) -> None:
    phone.dial().choose("Register").type(name).shows(named).shows("Type your full name")


def test_the_same_in_swahili(phone: Phone) -> None:
    phone.dial().choose("Kiswahili").choose("Jisajili")
    phone.type("Wanjiru 4").shows("4 haiwezi kuwa kwenye jina").lacks("cannot")
    phone.type("Wanjiru 🙂").shows("alama ambayo simu haiwezi kuonyesha").lacks("cannot")
    phone.type("x" * 41).shows("Andika herufi zisizozidi 40")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ng\u2019ang\u2019a Thiong`o", "Ng'ang'a Thiong'o"),
        ("Ng\u02bcang\u00b4a \u2018Otieno", "Ng'ang'a 'Otieno"),
        ("Anne\u2013Marie \u2011 Wanjiku", "Anne-Marie - Wanjiku"),
        ("J. K.   M. Kariuki", "J. K. M. Kariuki"),
        ("  Wanjiru\u00a0Kamau ", "Wanjiru Kamau"),
        ("Wanji\u200bru \ufeffKamau", "Wanjiru Kamau"),
        ("Mũthoni Kĩmani", "Muthoni Kimani"),
        ("Zo\u0065\u0308", "Zoe"),
    ],
)
def test_names_in_every_spelling_of_a_keypad(typed: str, kept: str) -> None:
    assert parse_full_name(typed) == kept


@given(PASTED)
@example("W.")
@example("\u00b4a")
@example("a" * 41)
def test_a_name_is_accepted_plain_or_refused_in_words_that_fit(typed: str) -> None:
    name = refusal = None
    try:
        name = parse_full_name(typed)
    except Refused as refused:
        refusal = refused.text
    if refusal is not None:
        asks = Question(Text("Type your full name"), registering.name_typed.at())
        for language in Language:
            page = draw(asks, language=language, hint=refusal, back=True)
            assert page.body.startswith(refusal.in_(language))
        return
    assert name is not None
    assert parse_full_name(name) == name
    assert name.isascii()
    assert septets(name) == len(name) <= NAME_MAX_LENGTH


@given(PASTED)
@example("a \u00a8")
@example("\ufe58")
@example("\u1fef")
@example("½")
@example("\u212b")
def test_text_for_pages_is_made_plain_once_or_its_character_is_named(typed: str) -> None:
    plain = refusal = None
    try:
        plain = ensure_gsm7(typed)
    except NotGsm7 as refused:
        refusal = refused
    if refusal is not None:
        assert refusal.character in unicodedata.normalize("NFC", typed)
        assert f"U+{ord(refusal.character):04X}" in refusal.text.in_(Language.ENGLISH)
        assert septets(refusal.text.in_(Language.SWAHILI)) <= PAGE_SEPTETS
        return
    assert plain is not None
    assert ensure_gsm7(plain) == plain
    page = Menu(Text("{plain}", {"plain": plain[: PAGE_SEPTETS // 2]}))
    assert draw(page, language=Language.ENGLISH, back=False).body == plain[: PAGE_SEPTETS // 2]


def test_accents_that_phones_have_stay_and_others_go() -> None:
    assert (
        ensure_gsm7("Caf\u00e9 Cafe\u0301 \u0160imko M\u0169thoni")
        == "Caf\u00e9 Caf\u00e9 Simko Muthoni"
    )
    # Phones have this letter, but not its capital.
    assert parse_category("\u00e8re") == "Ere"


@given(PASTED, st.sampled_from([parse_question, parse_category]))
@example("\u00df" * 18, parse_category)
def test_what_staff_write_for_phones_is_read_back_the_same(typed: str, parse: object) -> None:
    assert callable(parse)
    try:
        kept = parse(typed)
    except Refused:
        return
    assert parse(kept) == kept
    assert septets(kept) == septets(ensure_gsm7(kept))


@given(PASTED)
def test_a_label_made_of_a_question_fits_a_list(typed: str) -> None:
    try:
        question = parse_question(typed)
        label = parse_label(None, question=question)
    except Refused:
        return
    assert 0 < septets(label) <= 18
    assert parse_label(label, question=question) == label
