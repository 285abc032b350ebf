"""What stands hidden in the forms of a payment's page."""

import re

from tests.admin.staff_page.desk import Shown


def read(shown: Shown) -> dict[str, str]:
    """The proposal that this page shows, as its buttons send it."""
    named = set(re.findall(r'name="decision" value="(\d+)"', shown.html))
    assert len(named) == 1, f"one proposal, and not {named}"
    return {"decision": named.pop()}
