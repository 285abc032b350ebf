"""What an admin vouches for by approving a market."""

from core.markets.market import Market

_VOUCHED = (
    "no pending court case; not the safety, health or death of a person; not security or public"
    " order (L.N. 112 of 2026, reg. 45(7))"
)


def attestation_of(draft: Market) -> str:
    """The sentence that approving this draft stands for; kept with the market."""
    if draft.resolves_from is None:
        resolving = "two admins resolve it from public evidence"
    else:
        resolving = f"it resolves from {draft.resolves_from}"
    return f"By approving you attest: {_VOUCHED}; {resolving}."
