"""What the payment provider told us, what we ask it, and what people decide where it is unclear."""
