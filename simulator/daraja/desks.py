"""Daraja's routes beside those of the push, each with what it needs."""

from collections.abc import Iterator

from flask import Blueprint

from simulator.daraja.ati import AtiDesk
from simulator.daraja.b2c import B2cDesk
from simulator.daraja.balance import BalanceDesk
from simulator.daraja.c2b_urls import RegisterDesk
from simulator.daraja.money import Money, Network
from simulator.daraja.pull import PullDesk
from simulator.daraja.reversal import ReversalDesk
from simulator.daraja.status import StatusDesk


def money_blueprints(network: Network, money: Money) -> Iterator[Blueprint]:
    """Return the routes that pay out, give back, tell and list."""
    config, clock, identifiers = network.config, network.clock, network.identifiers
    gateway = money.gateway
    yield B2cDesk(
        config=config,
        clock=clock,
        identifiers=identifiers,
        faults=network.faults,
        handsets=network.handsets,
        gateway=gateway,
        payouts=money.payouts,
    ).blueprint()
    yield StatusDesk(
        config=config,
        clock=clock,
        identifiers=identifiers,
        settings=network.settings,
        faults=network.faults,
        gateway=gateway,
        archive=money.archive,
    ).blueprint()
    yield ReversalDesk(
        config=config,
        clock=clock,
        identifiers=identifiers,
        gateway=gateway,
        reversals=money.reversals,
    ).blueprint()
    yield BalanceDesk(
        config=config,
        clock=clock,
        identifiers=identifiers,
        gateway=gateway,
        books=money.books,
    ).blueprint()
    yield RegisterDesk(
        config=config,
        identifiers=identifiers,
        gateway=gateway,
        register=money.c2b_register,
    ).blueprint()
    yield PullDesk(
        config=config,
        clock=clock,
        identifiers=identifiers,
        gateway=gateway,
        books=money.books,
        pull_register=money.pull_register,
    ).blueprint()
    yield AtiDesk(
        identifiers=identifiers, access=network.access, handsets=network.handsets
    ).blueprint()
