"""Receipts whose SMS did not arrive, shown before anything else, the newest first."""

from typing import Final

from core.clock import short_time
from core.notices.missed import find_missed, mark_shown, read_missed
from core.text import _
from ussd.pages import Letter, Link, Option, Page, Redirect, Way, action, screen
from ussd.visit import Visit

# Whoever missed more reads on at the next dial.
MOST_IN_A_ROW: Final = 3


def before_all(sms_id: int | None, to: Redirect) -> Redirect:
    """First what was missed, if anything was, then where the call begins."""
    if sms_id is None:
        return to
    assert isinstance(to.trail, tuple), "the way of a call that begins is known"
    return Redirect(letter.at(sms_id, MOST_IN_A_ROW, to.link, Way(to.trail)), to.hint, trail=())


@screen
def letter(visit: Visit, sms_id: int, left: int, then: Link, before: Way) -> Page:
    """What one SMS said; `left` counts those that may be shown in this call, with this one."""
    missed = read_missed(visit.reading, player_id=visit.who, sms_id=sms_id)
    when = short_time(missed.queued_at)
    text = (
        _("SMS of {when} that did not reach you: {words}", when=when, words=missed.body)
        if missed.surely
        else _("SMS of {when} that may not have reached you: {words}", when=when, words=missed.body)
    )
    onward = _("Next") if missed.others and left > 1 else _("Go on")
    return Letter(text, (Option(onward, read.at(sms_id, left, then, before)),))


@action
def read(visit: Visit, sms_id: int, left: int, then: Link, before: Way) -> Redirect:
    """Only whoever presses on has surely seen the page, so only now it counts as read."""
    mark_shown(visit.connection, player_id=visit.who, sms_id=sms_id)
    following = find_missed(visit.connection, player_id=visit.who) if left > 1 else None
    if following is None:
        return Redirect(then, trail=before)
    return Redirect(letter.at(following, left - 1, then, before), trail=())
