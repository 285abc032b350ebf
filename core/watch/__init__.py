"""The invariants are looked at all the time, and what breaks one stops."""
