"""People who bet."""
