"""Codes, warnings, receipts of money in and out, and what staff are told.

Each fits one segment with its longest values, as a test proves.
"""

from core.money import Money
from core.text import Text, _

# The longest reason a deposit may fail for, in septets; it is a whole sentence.
LONGEST_REASON = 60
# As much as an alarm may say, in septets, so that it fits one segment.
LONGEST_WHY = 110
# Of one that leaves room for another way to pay.
LONGEST_SHORT_REASON = 22


def deposit_received(
    *, amount: Money, excise: Money, receipt: str | None, reference: str, balance: Money
) -> Text:
    """Money has arrived, and what excise takes of it went to the state, as a rule nothing.

    The receipt is M-Pesa's and may come later than the money.
    """
    ending = receipt_ending(balance, reference)
    if excise and receipt is None:
        return _(
            "Deposit of {amount} received, excise {excise}. {ending}",
            amount=amount,
            excise=excise,
            ending=ending,
        )
    if excise:
        return _(
            "Deposit of {amount} received, excise {excise}, M-Pesa {receipt}. {ending}",
            amount=amount,
            excise=excise,
            receipt=receipt,
            ending=ending,
        )
    if receipt is None:
        return _("Deposit of {amount} received. {ending}", amount=amount, ending=ending)
    return _(
        "Deposit of {amount} received, M-Pesa {receipt}. {ending}",
        amount=amount,
        receipt=receipt,
        ending=ending,
    )


def deposit_rejected(*, amount: Money, reason: Text) -> Text:
    """No prompt went out; the reason is a whole sentence of at most LONGEST_REASON septets."""
    return _(
        "No money was taken: the deposit of {amount} failed. {reason}",
        amount=amount,
        reason=reason,
    )


def deposit_failed(*, amount: Money, reason: Text) -> Text:
    """M-Pesa says it moved nothing, and has been known to be wrong: so nothing is sworn to."""
    return _(
        "Deposit of {amount} failed. {reason} If M-Pesa took money, we will add it.",
        amount=amount,
        reason=reason,
    )


def deposit_rejected_pay_bill(
    *, amount: Money, short_reason: Text, paybill: str, phone: str
) -> Text:
    """No prompt went out, and the next may not either: the same can be paid by hand."""
    return _(
        "No money was taken: the deposit of {amount} failed. {reason} {instead}",
        amount=amount,
        reason=short_reason,
        instead=_pay_bill(paybill, phone),
    )


def deposit_failed_pay_bill(*, amount: Money, short_reason: Text, paybill: str, phone: str) -> Text:
    """The prompt did not reach the player, as far as M-Pesa says: the same can be paid by hand."""
    return _(
        "Deposit of {amount} failed. {reason} If you paid, we add it. {instead}",
        amount=amount,
        reason=short_reason,
        instead=_pay_bill(paybill, phone),
    )


def deposit_reversed(*, amount: Money, owed: Money, balance: Money, reference: str) -> Text:
    """A credit was taken back; `owed` is all that the player owes us now, as a rule nothing."""
    ending = receipt_ending(balance, reference)
    if not owed:
        return _("Your deposit of {amount} was reversed. {ending}", amount=amount, ending=ending)
    return _(
        "Your deposit of {amount} was reversed. You owe Kibeezy {owed}. {ending}",
        amount=amount,
        owed=owed,
        ending=ending,
    )


def debt_repaid(*, repaid: Money, owed: Money, balance: Money, reference: str) -> Text:
    """Part of what came in was owed to us; `owed` is what is left of that, as a rule nothing."""
    ending = receipt_ending(balance, reference)
    if not owed:
        return _(
            "{repaid} has repaid what you owed Kibeezy. {ending}", repaid=repaid, ending=ending
        )
    return _(
        "{repaid} has repaid part of what you owe Kibeezy, {owed} is left. {ending}",
        repaid=repaid,
        owed=owed,
        ending=ending,
    )


def deposit_unknown(*, amount: Money) -> Text:
    """M-Pesa's answer was lost, and its prompt has had its time."""
    return _(
        "We have no answer from M-Pesa about your deposit of {amount}. If you paid, we will add"
        " it. Please do not pay twice.",
        amount=amount,
    )


def paybill_held(*, amount: Money, receipt: str, reason: Text) -> Text:
    """The paybill was paid and nobody can be credited yet; the reason is one or two sentences."""
    return _(
        "We hold {amount} that you paid, M-Pesa {receipt}. {reason}",
        amount=amount,
        receipt=receipt,
        reason=reason,
    )


def withdrawal_paid(*, net: Money, receipt: str | None, reference: str, balance: Money) -> Text:
    """The money is on the phone; the receipt is M-Pesa's and may be missing."""
    ending = receipt_ending(balance, reference)
    if receipt is None:
        return _("{net} sent to your M-Pesa. {ending}", net=net, ending=ending)
    return _(
        "{net} sent to your M-Pesa, receipt {receipt}. {ending}",
        net=net,
        receipt=receipt,
        ending=ending,
    )


def withdrawal_failed(*, amount: Money, reason: Text, reference: str, balance: Money) -> Text:
    """The money is back; the reason is a whole sentence of at most LONGEST_REASON septets."""
    return _(
        "{amount} is back with you. {reason} {ending}",
        amount=amount,
        reason=reason,
        ending=receipt_ending(balance, reference),
    )


def withdrawal_cancelled(*, amount: Money, until: str, reference: str) -> Text:
    """The SIM was swapped a short while ago: whoever holds it may not be the player."""
    return _(
        "Your SIM is new, so for your safety {amount} is back in your account and withdrawals wait"
        " until {until}. Ref {reference}.",
        amount=amount,
        until=until,
        reference=reference,
    )


def withdrawal_waits(*, amount: Money, reference: str) -> Text:
    """No answer from M-Pesa yet; the money is held, so that it cannot be lost or paid twice."""
    return _(
        "We wait for M-Pesa to pay your {amount}. Your money is safe. We will tell you."
        " Ref {reference}.",
        amount=amount,
        reference=reference,
    )


def withdrawal_looked_at(*, amount: Money, reference: str) -> Text:
    """A large one waits for two people; the money is held."""
    return _(
        "We look at large withdrawals first. Your {amount} is safe. An SMS will tell you."
        " Ref {reference}.",
        amount=amount,
        reference=reference,
    )


def withdrawal_refused(*, amount: Money, reference: str, balance: Money) -> Text:
    """A person did not let a large one go; the money is back, and the reason is not for an SMS."""
    return _(
        "Your withdrawal was not approved, so {amount} is back with you. {ending}",
        amount=amount,
        ending=receipt_ending(balance, reference),
    )


def withdrawal_paid_late(
    *, net: Money, receipt: str | None, reference: str, balance: Money
) -> Text:
    """What had been given back was paid all the same, so it is taken again."""
    return _(
        "M-Pesa did send you {net} ({receipt}), so we took it from your account again. {ending}",
        net=net,
        receipt=receipt or "M-Pesa",
        ending=receipt_ending(balance, reference),
    )


def bet_placed(
    *, reference: str, stake: Money, side: str, market_id: int, label: str, balance: Money
) -> Text:
    """The paper of a bet; side is yes or no."""
    return _(
        "Bet placed: {stake} on {side}, market {market_id} {label}. {ending}",
        stake=stake,
        side=outcome_word(side),
        market_id=market_id,
        label=label,
        ending=receipt_ending(balance, reference),
    )


def code(*, code: str) -> Text:
    """A code on its way to a phone. Its words exist only while they are being sent."""
    return _(
        "{code} is your Kibeezy code. Type it on the menu or reply with it within 10 minutes."
        " Tell it to nobody.",
        code=code,
    )


def reset_code(*, code: str) -> Text:
    """A code that lets whoever holds the number choose a new PIN; only the menu takes it."""
    return _(
        "{code} is your Kibeezy code for a new PIN. Type it on the menu within 10 minutes."
        " Tell it to nobody.",
        code=code,
    )


def number_verified() -> Text:
    """The number is proven, and deposits are open."""
    return _("Your number is verified. You can now deposit and bet. Dial Kibeezy again.")


def pin_changed() -> Text:
    """A warning to the owner of the phone, who may not be the one who changed it."""
    return _(
        "Your Kibeezy PIN was changed. If it was not you, dial Kibeezy now and choose Forgot PIN."
    )


def alarm_raised(*, number: int, why: str) -> Text:
    """A person must look at something; for staff. `why` has at most LONGEST_WHY septets."""
    return _("Kibeezy alarm {number}: {why}", number=number, why=why)


def head_published(*, day: str, block: int, hash_hex: str) -> Text:
    """The head of the chain on a day, for who keeps it; the hash has 64 characters."""
    return _(
        "Kibeezy ledger {day}: block {block}, hash {hash_hex}. Keep this SMS.",
        day=day,
        block=block,
        hash_hex=hash_hex,
    )


def outcome_word(outcome: str) -> Text:
    """A side or an outcome (yes, no or void) as screens and receipts spell it."""
    return _OUTCOMES[outcome]


def receipt_ending(balance: Money, reference: str) -> Text:
    """How a receipt ends."""
    return _("Balance {balance}. Ref {reference}.", balance=balance, reference=reference)


def _pay_bill(paybill: str, phone: str) -> Text:
    return _(
        "Or pay by M-Pesa: Pay bill {paybill}, account {account}.",
        paybill=paybill,
        account=phone.replace("+254", "0"),
    )


_OUTCOMES = {"yes": _("YES"), "no": _("NO"), "void": _("VOID")}
