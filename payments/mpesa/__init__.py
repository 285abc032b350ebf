"""Safaricom's Daraja, the gateway of M-Pesa."""
