"""What M-Pesa charges the business for a payment to a registered customer."""

# daraja.md §7 (the published tariff of August 2023): up to this amount, this charge, in KES.
_BANDS = ((100, 0), (1_500, 5), (5_000, 9), (20_000, 11))
_ABOVE = 13


def b2c_charge(amount: int) -> int:
    """Return the charge for one payment, both in whole shillings; the customer pays nothing."""
    return next((charge for limit, charge in _BANDS if amount <= limit), _ABOVE)
