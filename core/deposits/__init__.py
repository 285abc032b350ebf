"""Money on its way in through a prompt."""
