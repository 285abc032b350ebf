"""Where is the money? Payments of every kind, found and told from their papers."""
