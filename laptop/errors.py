"""Reasons why the service cannot start here, each one line for the person at the terminal."""


class CannotStart(Exception):
    """One clear line; the command that meets it shows it and ends with status 2."""
