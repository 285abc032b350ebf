"""Everything at M-Pesa beside the pushes, put together once."""

import threading
from dataclasses import dataclass

from simulator.clock import Clock
from simulator.config import Config
from simulator.daraja.access import Access
from simulator.daraja.archive import Archive
from simulator.daraja.books import Books
from simulator.daraja.c2b import C2b
from simulator.daraja.c2b_urls import C2bRegister
from simulator.daraja.callbacks import Callbacks
from simulator.daraja.gateway import Gateway
from simulator.daraja.payouts import Payouts
from simulator.daraja.pull import PullRegister
from simulator.daraja.results import Results
from simulator.daraja.reversals import Reversals
from simulator.daraja.transactions import Transactions
from simulator.deliveries import Deliveries
from simulator.faults import Faults
from simulator.handsets import Handsets
from simulator.identifiers import Identifiers
from simulator.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Network:
    """What the money needs of the world around it."""

    config: Config
    clock: Clock
    identifiers: Identifiers
    settings: Settings
    faults: Faults
    handsets: Handsets
    deliveries: Deliveries
    access: Access
    transactions: Transactions
    callbacks: Callbacks
    closing: threading.Event


class Money:
    """The organisation's books at M-Pesa, and whoever moves money on them."""

    def __init__(self, network: Network) -> None:
        self.books = Books(handsets=network.handsets, transactions=network.transactions)
        self.payouts = Payouts(
            config=network.config,
            handsets=network.handsets,
            books=self.books,
            identifiers=network.identifiers,
        )
        self.reversals = Reversals(
            config=network.config,
            handsets=network.handsets,
            books=self.books,
            identifiers=network.identifiers,
        )
        self.archive = Archive(
            config=network.config,
            transactions=network.transactions,
            books=self.books,
            payouts=self.payouts,
            reversals=self.reversals,
        )
        self.pull_register = PullRegister()
        self.c2b_register = C2bRegister(config=network.config, settings=network.settings)
        self.c2b = C2b(
            config=network.config,
            clock=network.clock,
            identifiers=network.identifiers,
            settings=network.settings,
            faults=network.faults,
            handsets=network.handsets,
            books=self.books,
            register=self.c2b_register,
            callbacks=network.callbacks,
            deliveries=network.deliveries,
        )
        self.gateway = Gateway(
            access=network.access,
            faults=network.faults,
            results=Results(
                settings=network.settings,
                deliveries=network.deliveries,
                callbacks=network.callbacks,
            ),
            deliveries=network.deliveries,
            closing=network.closing,
        )
        network.transactions.tell_of_debits(self.c2b.confirm_push)

    def clear(self) -> None:
        """Return to the books, and the registrations, of the start."""
        self.books.clear()
        self.payouts.clear()
        self.reversals.clear()
        self.c2b_register.clear()
        self.pull_register.clear()
