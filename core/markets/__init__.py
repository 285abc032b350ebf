"""Questions, the bets on them, and how they are settled."""
