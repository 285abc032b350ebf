"""Daraja: M-Pesa's gateway for businesses, money in."""
