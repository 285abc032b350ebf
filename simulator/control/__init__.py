"""The simulator's own interface: scripts and the browser drive it as JSON."""
