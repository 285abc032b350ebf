"""Payments of which nobody knew for a day what became of them, for a person to put a name on."""

from typing import Final

# The kind of the alarm that names one of them.
ALARM: Final = "overdue"

_DEPOSITS: Final = """
    SELECT format('deposit:%s', id) AS subject,
           format('deposit %s is %s since %s', id, state, requested_at) AS detail
    FROM deposit WHERE state IN ('created', 'submitting', 'pending', 'submit_unknown')
      AND requested_at < (SELECT kibeezy_now()) - interval '25 hours'
"""
_PAYBILL: Final = """
    SELECT format('paybill:%s', id) AS subject,
           format('paybill payment %s is only heard since %s', id, heard_at) AS detail
    FROM paybill_payment WHERE state = 'heard'
      AND heard_at < (SELECT kibeezy_now()) - interval '26 hours'
"""
_WITHDRAWALS: Final = """
    SELECT format('withdrawal:%s', id) AS subject,
           format('withdrawal %s is %s since %s', id, state, sent_at) AS detail
    FROM withdrawal WHERE state IN ('sending', 'accepted', 'unknown')
      AND sent_at < (SELECT kibeezy_now()) - interval '25 hours'
"""


def _without_a_name(overdue: str) -> str:
    return (
        f"SELECT detail FROM ({overdue}) AS overdue WHERE NOT EXISTS ("  # noqa: S608 - our own text
        f"SELECT FROM alarm a WHERE a.kind = '{ALARM}' AND a.subject = overdue.subject"
        " AND a.taken_at IS NOT NULL)"
    )


# The last question is asked 24 hours after the payment was begun or heard of, so that its answer
# still counts; a paybill payment is given up one hour later.
OVERDUE_BY_INVARIANT: Final = {
    "no deposit is unknown for a day": _DEPOSITS,
    "no paybill payment is only heard for a day": _PAYBILL,
    "no withdrawal is in doubt for a day but before a person": _WITHDRAWALS,
}
UNNAMED: Final = {name: _without_a_name(query) for name, query in OVERDUE_BY_INVARIANT.items()}
