"""Everything that the simulator consists of, put together once."""

import random
import secrets
import threading

from simulator.clock import Clock
from simulator.config import Config
from simulator.daraja.access import Access
from simulator.daraja.attacks import Attacks
from simulator.daraja.callbacks import Callbacks
from simulator.daraja.money import Money, Network
from simulator.daraja.prompts import Prompts
from simulator.daraja.stk_callbacks import StkCallbacks
from simulator.daraja.transactions import Transactions
from simulator.deliveries import Deliveries
from simulator.faults import Faults
from simulator.handsets import Handsets
from simulator.hops import Hops
from simulator.identifiers import Identifiers
from simulator.settings import initial_settings
from simulator.sms_network import SmsNetwork
from simulator.sms_reports import SmsReports
from simulator.ussd_gateway import UssdGateway

# A callback under way when everything is reset may take this long to finish.
RESET_PATIENCE_SECONDS = 2.0


class World:
    """The phones, the networks between them and the service, and the tricks they play."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.settings = initial_settings(config)
        self.clock = Clock()
        self.chance = random.Random()
        self.identifiers = Identifiers(chance=self.chance)
        self.reseed(secrets.randbits(32))
        self.faults = Faults(chance=self.chance)
        self.handsets = Handsets(clock=self.clock)
        self.deliveries = Deliveries(clock=self.clock)
        self.closing = threading.Event()
        self.hops = Hops(config=config, clock=self.clock, faults=self.faults, closing=self.closing)
        self.gateway = UssdGateway(
            config=config,
            clock=self.clock,
            identifiers=self.identifiers,
            settings=self.settings,
            handsets=self.handsets,
            deliveries=self.deliveries,
            hops=self.hops,
        )
        self.sms = SmsNetwork(
            config=config,
            clock=self.clock,
            identifiers=self.identifiers,
            faults=self.faults,
            handsets=self.handsets,
            deliveries=self.deliveries,
            reports=self._sms_reports(),
        )
        self.access = Access(
            config=config, clock=self.clock, identifiers=self.identifiers, faults=self.faults
        )
        self.transactions = Transactions(
            settings=self.settings, handsets=self.handsets, identifiers=self.identifiers
        )
        self.callbacks = Callbacks(config=config, clock=self.clock, settings=self.settings)
        self.stk_callbacks = StkCallbacks(
            settings=self.settings,
            chance=self.chance,
            faults=self.faults,
            deliveries=self.deliveries,
            callbacks=self.callbacks,
        )
        self.attacks = Attacks(
            clock=self.clock,
            chance=self.chance,
            identifiers=self.identifiers,
            faults=self.faults,
            transactions=self.transactions,
            callbacks=self.callbacks,
        )
        self.prompts = Prompts(
            config=config,
            clock=self.clock,
            identifiers=self.identifiers,
            settings=self.settings,
            faults=self.faults,
            handsets=self.handsets,
            deliveries=self.deliveries,
            transactions=self.transactions,
            callbacks=self.stk_callbacks,
        )
        self.network = Network(
            config=config,
            clock=self.clock,
            identifiers=self.identifiers,
            settings=self.settings,
            faults=self.faults,
            handsets=self.handsets,
            deliveries=self.deliveries,
            access=self.access,
            transactions=self.transactions,
            callbacks=self.callbacks,
            closing=self.closing,
        )
        self.money = Money(self.network)

    def _sms_reports(self) -> SmsReports:
        return SmsReports(
            config=self.config,
            clock=self.clock,
            chance=self.chance,
            identifiers=self.identifiers,
            settings=self.settings,
            faults=self.faults,
            deliveries=self.deliveries,
        )

    def reseed(self, seed: int) -> None:
        """Draw everything from a seed from now on; the same calls then give the same again."""
        self.seed = seed
        self.chance.seed(seed)
        self.identifiers.forget_receipts()

    def reset(self) -> None:
        """Return to the state of the start; only the access token stays alive.

        Chance is seeded afresh: identifiers that were given stay unlike those to come.
        """
        self.deliveries.cancel_all()
        self.deliveries.wait_until_idle(timeout_seconds=RESET_PATIENCE_SECONDS)
        self.deliveries.run()
        self.reseed(secrets.randbits(32))
        self.faults.clear_all()
        self.settings.take_over(initial_settings(self.config))
        self.transactions.clear()
        self.money.clear()
        self.stk_callbacks.clear()
        self.callbacks.clear()
        self.sms.clear()
        self.hops.clear()
        self.handsets.clear()
