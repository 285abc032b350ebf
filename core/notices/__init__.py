"""Every SMS we send."""
