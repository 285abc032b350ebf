"""The short code with the simulator's networks behind it."""

from tests.ussd.conftest import network, settings, simulator_url

__all__ = ["network", "settings", "simulator_url"]
