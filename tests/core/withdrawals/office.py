"""The people who look at a teller's large withdrawals."""

from dataclasses import dataclass
from typing import Self

from core.database import in_transaction
from core.provider.decide import Decision
from core.staff.records import Admin, Role
from core.withdrawals.approve_large import approve_release, propose_release, refuse_release
from core.withdrawals.records import Withdrawal
from tests.core.withdrawals.teller import Teller, find_or_make


@dataclass(frozen=True)
class Office:
    teller: Teller
    neema: Admin
    juma: Admin
    wanja: Admin

    @classmethod
    def of(cls, teller: Teller) -> Self:
        return cls(
            teller,
            find_or_make(teller.world, "neema@kibeezy.test", Role.FINANCE),
            find_or_make(teller.world, "juma@kibeezy.test", Role.OWNER),
            find_or_make(teller.world, "wanja@kibeezy.test", Role.FINANCE),
        )

    def proposes(
        self, asked: Withdrawal, *, by: Admin | None = None, why: str = "Won it fairly"
    ) -> int:
        return in_transaction(
            self.teller.world.database,
            lambda c: propose_release(c, withdrawal_id=asked.id, why=why, by=by or self.neema),
        )

    def approves(
        self, asked: Withdrawal, *, by: Admin | None = None, decision_id: int | None = None
    ) -> Decision:
        return in_transaction(
            self.teller.world.database,
            lambda c: approve_release(
                c, withdrawal_id=asked.id, by=by or self.juma, decision_id=decision_id
            ),
        )

    def refuses(
        self, asked: Withdrawal, *, by: Admin | None = None, why: str = "Looks wrong"
    ) -> Withdrawal:
        return in_transaction(
            self.teller.world.database,
            lambda c: refuse_release(c, withdrawal_id=asked.id, why=why, by=by or self.juma),
        )
