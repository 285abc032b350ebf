"""The chain of hashes that shows whether anybody has rewritten the books."""
