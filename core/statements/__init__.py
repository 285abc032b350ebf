"""The provider's own statement, held against our books."""
