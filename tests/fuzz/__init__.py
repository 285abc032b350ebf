"""Whatever a provider may post, and what nobody would, against the whole application."""
