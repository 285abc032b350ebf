"""What `config list` prints."""

from collections.abc import Sequence

from admin.commands.speaking import iso, minute, say, show_table
from core.config.list_values import Coming, ListedValue


def as_dict(listed: ListedValue) -> dict[str, object]:
    """A value for programs."""
    return {
        "name": listed.name.value,
        "value": listed.value,
        "since": iso(listed.since),
        "source": listed.source,
        "environment": listed.environment,
        "differs": listed.differs,
        "decided": listed.decided,
        "coming": [_coming_as_dict(coming) for coming in listed.coming],
    }


def show_values(values: Sequence[ListedValue]) -> None:
    """The same for people."""
    show_table(
        ("Name", "Value", "Since", "Source", "Environment"),
        [
            (
                one.name.value,
                one.value,
                "" if one.since is None else minute(one.since),
                one.source,
                f"says {one.environment}" if one.differs else "",
            )
            for one in values
        ],
    )
    undecided = [one.name.value for one in values if not one.decided]
    if undecided:
        say(f"Not set by two people yet: {', '.join(undecided)}.")
    coming = [(one.name.value, each) for one in values for each in one.coming]
    if not coming:
        say("Nothing else is coming.")
        return
    show_table(
        ("ID", "Name", "Value", "From", "Source", "Proposed by", "Approved by"),
        [
            (
                each.id,
                name,
                each.value,
                minute(each.effective_from),
                each.source,
                each.proposed_by,
                each.approved_by or "nobody yet",
            )
            for name, each in coming
        ],
        title="Coming",
    )


def _coming_as_dict(coming: Coming) -> dict[str, object]:
    return {
        "id": coming.id,
        "value": coming.value,
        "from": iso(coming.effective_from),
        "source": coming.source,
        "proposed_by": coming.proposed_by,
        "approved_by": coming.approved_by,
    }
