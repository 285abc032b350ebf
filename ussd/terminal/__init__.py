"""A handset in the terminal, and the plain text in which conversations are kept."""
