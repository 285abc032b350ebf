"""People who run the service."""
