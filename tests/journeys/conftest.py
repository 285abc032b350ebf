"""Whole journeys go down the street of the chaos tests, on a quiet day."""

from tests.chaos.conftest import open_street, street

__all__ = ["open_street", "street"]
