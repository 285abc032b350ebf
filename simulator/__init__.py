"""Speaks the wire protocols of the gateway, the SMS provider and M-Pesa, with phones to match."""
