"""Double-entry book-keeping in whole cents."""
