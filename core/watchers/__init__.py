"""Who wants to hear of a market, and what each is told."""
