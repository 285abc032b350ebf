"""Money on its way out to a player's own phone."""
