"""Many phones at once on the whole service, seen from outside only."""
