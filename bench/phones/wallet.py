"""What a player can know about the own money, from pages, SMS and M-Pesa."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Wallet:
    """Amounts in whole shillings. Each method that hears of money returns what contradicts it."""

    deposited: int = 0
    awaited: list[int] = field(default_factory=list)
    asked: set[int] = field(default_factory=set)
    stakes: dict[str, int] = field(default_factory=dict)
    in_doubt: list[int] = field(default_factory=list)
    receipts: set[str] = field(default_factory=set)

    @property
    def surely(self) -> int:
        """What can be spent, even if everything in doubt was placed."""
        return self.deposited - sum(self.stakes.values()) - sum(self.in_doubt)

    def asks(self, amount: int) -> None:
        """Note a deposit that M-Pesa may soon ask about."""
        self.asked.add(amount)
        self.awaited.append(amount)

    def risks(self, stake: int) -> None:
        """Note a bet that may be placed from now on, whatever the phone hears of it."""
        self.in_doubt.append(stake)

    def takes_back(self, stake: int) -> None:
        """Note that a bet never left the phone."""
        self.in_doubt.remove(stake)

    def receives(self, amount: int) -> str | None:
        """Take in a deposit that an SMS confirms."""
        self.deposited += amount
        if amount not in self.awaited:
            return "a deposit that nobody asked for"
        self.awaited.remove(amount)
        return None

    def is_told_placed(self, reference: str, stake: int | None) -> str | None:
        """Take in a bet from a page; its stake is None where the page does not name it."""
        known = self.stakes.get(reference)
        if known is not None:
            return None if stake in {None, known} else "two stakes under one reference"
        meant = self.in_doubt[-1] if stake is None and self.in_doubt else stake
        if meant not in self.in_doubt:
            return "a bet that nobody placed"
        self.in_doubt.remove(meant)
        self.stakes[reference] = meant
        return None

    def is_told_not_placed(self) -> str | None:
        """Take in that the last bet in doubt was not placed and never will be."""
        if not self.in_doubt:
            return "told that a bet was not placed, but each is accounted for"
        self.in_doubt.pop()
        return None

    def has_receipt(self, reference: str, stake: int) -> str | None:
        """Take in the receipt of a bet by SMS."""
        if reference in self.receipts:
            return "two SMS for one bet"
        self.receipts.add(reference)
        return self.is_told_placed(reference, stake)

    def contradicts(self, balance_cents: int) -> bool:
        """Tell whether no outcome of what is in doubt explains this balance."""
        certain = self.deposited - sum(self.stakes.values())
        possible = {
            100 * (certain + more - less)
            for more in _sums(self.awaited)
            for less in _sums(self.in_doubt)
        }
        return balance_cents not in possible

    def settles(self) -> int:
        """Return the balance in cents once nothing is on its way any more; doubts are over."""
        return 100 * (self.deposited - sum(self.stakes.values()))


def _sums(amounts: list[int]) -> set[int]:
    sums = {0}
    for amount in amounts:
        sums |= {known + amount for known in sums}
    return sums
