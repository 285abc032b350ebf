"""The command that shows what SMS may still cost, and whether codes are typed back."""

import click
from sqlalchemy import Engine

from admin.commands.speaking import as_json, iso, minute, plainly, say, show_json, show_table
from core.database import in_transaction
from core.notices.budget import Spent, budgets_now
from core.players.code_figures import Conversion, conversions


def budgets_command(*, database: Engine) -> click.Command:
    """The command `budgets`, of the group `sms`."""

    @click.command("budgets")
    @as_json
    @plainly
    def budgets(*, wants_json: bool) -> None:
        """What is spent of the budgets of this day and hour; codes by block, sent and used."""
        spent, codes = in_transaction(database, lambda c: (budgets_now(c), conversions(c)))
        if wants_json:
            show_json({"budgets": [_spent(one) for one in spent], "codes": list(map(_code, codes))})
            return
        if not spent:
            say("Nothing is spent of any budget.")
        else:
            columns = ("Budget", "Since", "Spent", "Most")
            rows = [(one.scope, minute(one.since), one.spent, one.most) for one in spent]
            show_table(columns, rows)
        if codes:
            show_table(
                ("Codes to", "Sent in an hour", "Typed back"),
                [(one.block, one.sent, one.used) for one in codes],
            )

    return budgets


def _spent(budget: Spent) -> dict[str, object]:
    return {
        "scope": budget.scope,
        "since": iso(budget.since),
        "spent": budget.spent,
        "most": budget.most,
    }


def _code(codes: Conversion) -> dict[str, object]:
    return {"block": codes.block, "sent": codes.sent, "used": codes.used}
