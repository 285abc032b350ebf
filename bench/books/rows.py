"""Pieces of SQL that write transfers in sets, as the ledger itself writes them one by one."""


def request_hash(*, kind: str, source: str, target: str, cents: str) -> str:
    """Transfer.request_hash in SQL, of a transfer of so many cents between two accounts."""
    taken, given = (
        f"""({account} || ':' || {amount}) COLLATE "C\""""
        for account, amount in ((source, f"-{cents}"), (target, cents))
    )
    lines = f"least({taken}, {given}) || '|' || greatest({taken}, {given})"
    return f"sha256(convert_to('{kind}|None|' || {lines}, 'UTF8'))"


def drawn(*, seed: str, number: str, below: str) -> str:
    """A number from 0 up to `below`, the same whenever it is drawn for this seed and number."""
    return f"((hashint8extended({number}, {seed}) & 1073741823) % {below})"
