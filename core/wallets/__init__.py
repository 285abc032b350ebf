"""Money in and out of a player's hands."""
