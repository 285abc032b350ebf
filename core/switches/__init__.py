"""Kinds of money that can be stopped."""
