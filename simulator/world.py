"""Everything that the simulator consists of, put together once."""

import threading

from simulator.config import Config
from simulator.daraja.access import Access
from simulator.daraja.callbacks import Callbacks
from simulator.daraja.prompts import Prompts
from simulator.daraja.transactions import Transactions
from simulator.deliveries import Deliveries
from simulator.faults import Faults
from simulator.handsets import Handsets
from simulator.hops import Hops
from simulator.settings import initial_settings
from simulator.sms_network import SmsNetwork
from simulator.ussd_gateway import UssdGateway

# A callback under way when everything is reset may take this long to finish.
RESET_PATIENCE_SECONDS = 2.0


class World:
    """The phones, the networks between them and the service, and the tricks they play."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.settings = initial_settings(config)
        self.faults = Faults()
        self.handsets = Handsets()
        self.deliveries = Deliveries()
        self.closing = threading.Event()
        self.hops = Hops(config=config, faults=self.faults, closing=self.closing)
        self.gateway = UssdGateway(
            config=config,
            settings=self.settings,
            handsets=self.handsets,
            deliveries=self.deliveries,
            hops=self.hops,
        )
        self.sms = SmsNetwork(
            config=config,
            settings=self.settings,
            handsets=self.handsets,
            deliveries=self.deliveries,
        )
        self.access = Access(config=config, faults=self.faults)
        self.transactions = Transactions(handsets=self.handsets)
        self.callbacks = Callbacks(
            config=config,
            settings=self.settings,
            faults=self.faults,
            deliveries=self.deliveries,
        )
        self.prompts = Prompts(
            config=config,
            settings=self.settings,
            handsets=self.handsets,
            deliveries=self.deliveries,
            transactions=self.transactions,
            callbacks=self.callbacks,
        )

    def reset(self) -> None:
        """Return to the state of the start; only the access token stays alive."""
        self.deliveries.cancel_all()
        self.deliveries.wait_until_idle(timeout_seconds=RESET_PATIENCE_SECONDS)
        self.faults.clear_all()
        self.settings.take_over(initial_settings(self.config))
        self.transactions.clear()
        self.callbacks.clear()
        self.sms.clear()
        self.hops.clear()
        self.handsets.clear()
