"""A draft of a market as it stands in the form, counted and shown as phones will show it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Protocol, Self

from markupsafe import Markup
from werkzeug.exceptions import BadRequest

from admin.drawing.handset import handset
from core.clock import in_nairobi
from core.errors import Refused
from core.gsm7 import as_shown, septets, unsendable
from core.markets import terms
from core.markets.draft_terms import Written
from core.markets.market import Market
from core.markets.rules import PayoutRule
from core.staff_input import parse_nairobi
from core.text import Language

_LONGEST = 300
_LANGUAGES = ((Language.ENGLISH, "English"), (Language.SWAHILI, "Kiswahili"))


class PhonePage(Protocol):
    """A page as a phone shows it; it has room for `most` septets."""

    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def septets(self) -> int: ...
    @property
    def most(self) -> int: ...


class DrawPhone(Protocol):
    """Draws the pages of a market, the market's own first."""

    def __call__(
        self,
        *,
        question: str,
        label: str,
        closes_at: datetime,
        fee_bps: int,
        payout_rule: PayoutRule,
        language: Language,
    ) -> Sequence[PhonePage]: ...


@dataclass(frozen=True)
class Count:
    """How many septets a field takes, and what of it cannot be sent at all."""

    name: str
    used: int
    most: int
    unsendable: tuple[str, ...]

    @property
    def fits(self) -> bool:
        return self.used <= self.most and not self.unsendable


@dataclass(frozen=True)
class Preview:
    """What would keep the draft from being written, and how it would look."""

    problems: tuple[str, ...]
    counts: tuple[Count, ...]
    phones: tuple[tuple[str, Sequence[PhonePage], Markup], ...]
    is_equal: bool


@dataclass(frozen=True)
class DraftForm:
    """The fields of the form, as they were typed."""

    question: str = ""
    label: str = ""
    category: str = ""
    closes_on: str = ""
    closes_time: str = ""
    fee_bps: str = ""
    payout_rule: str = PayoutRule.PRO_RATA.value
    resolves_from: str = ""
    approval_ref: str = ""

    @classmethod
    def typed(cls, given: Mapping[str, str]) -> Self:
        """Out of a form or an address, without spaces around; what is missing is empty."""
        fields = {name: given.get(name, "").strip() for name in asdict(cls())}
        if any(len(value) > _LONGEST * 2 for value in fields.values()):
            raise BadRequest
        fields["payout_rule"] = fields["payout_rule"] or PayoutRule.PRO_RATA.value
        if fields["payout_rule"] not in set(PayoutRule):
            raise BadRequest
        return cls(**fields)

    @classmethod
    def of(cls, market: Market) -> Self:
        """What a draft says now."""
        closes_at = in_nairobi(market.closes_at)
        return cls(
            question=market.question,
            label=market.label,
            category=market.category,
            closes_on=f"{closes_at:%Y-%m-%d}",
            closes_time=f"{closes_at:%H:%M}",
            fee_bps=str(market.fee_bps),
            payout_rule=market.payout_rule.value,
            resolves_from=market.resolves_from or "",
            approval_ref=market.approval_ref or "",
        )

    @property
    def written(self) -> Written:
        """The terms for the core, which checks them. Raises InvalidMoment."""
        return Written(
            question=self.question,
            label=self.label or None,
            category=self.category or None,
            closes_at=parse_nairobi(self.closes_on, self.closes_time),
            fee_bps=self.fee_bps,
            payout_rule=PayoutRule(self.payout_rule),
            resolves_from=self.resolves_from or None,
            approval_ref=self.approval_ref or None,
        )

    @property
    def list_label(self) -> str:
        """The name in lists: that which was typed, or the question's first words."""
        return as_shown(self.label) or terms.parse_label(None, question=as_shown(self.question))

    def problems(self, now: datetime) -> Iterator[str]:
        """What the core says to each field by itself."""
        checks: tuple[Callable[[], object], ...] = (
            lambda: terms.parse_question(self.question),
            lambda: terms.parse_label(self.label or None, question=as_shown(self.question)),
            lambda: terms.parse_category(self.category or None),
            lambda: terms.parse_closing_time(self.written.closes_at, now=now),
            lambda: terms.parse_fee(self.fee_bps),
            lambda: terms.parse_source(self.resolves_from or None),
            lambda: terms.parse_approval_ref(self.approval_ref or None),
        )
        for check in checks:
            try:
                check()
            except Refused as refusal:
                yield refusal.text.in_(Language.ENGLISH)

    def counts(self) -> tuple[Count, ...]:
        """The fields that a phone shows."""
        return (
            _count("question", self.question, terms.QUESTION_SEPTETS),
            _count("label", self.label, terms.LABEL_SEPTETS),
            _count("category", self.category, terms.CATEGORY_SEPTETS),
        )


def preview(form: DraftForm, *, draw_phone: DrawPhone, now: datetime) -> Preview:
    """Count and draw what is in the form, however wrong it still is."""
    return Preview(
        problems=tuple(dict.fromkeys(form.problems(now))),
        counts=form.counts(),
        phones=tuple(
            (words, pages, handset(pages[0].text, title=words))
            for words, pages in _phones(form, draw_phone, now)
        ),
        is_equal=form.payout_rule == PayoutRule.EQUAL,
    )


def _phones(
    form: DraftForm, draw_phone: DrawPhone, now: datetime
) -> Iterator[tuple[str, Sequence[PhonePage]]]:
    try:
        closes_at = form.written.closes_at
    except Refused:
        closes_at = now + timedelta(days=1)
    try:
        fee_bps = terms.parse_fee(form.fee_bps)
    except Refused:
        fee_bps = 0
    assert isinstance(closes_at, datetime)
    for language, words in _LANGUAGES:
        yield (
            words,
            draw_phone(
                question=as_shown(form.question),
                label=form.list_label,
                closes_at=closes_at,
                fee_bps=fee_bps,
                payout_rule=PayoutRule(form.payout_rule),
                language=language,
            ),
        )


def _count(name: str, text: str, most: int) -> Count:
    return Count(name, septets(as_shown(text)), most, tuple(unsendable(text)))
