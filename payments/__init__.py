"""Money providers: what they are told, and what they tell us."""
