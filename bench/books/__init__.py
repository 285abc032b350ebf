"""What many bets do to the books: placing, settling, being killed, verifying."""
