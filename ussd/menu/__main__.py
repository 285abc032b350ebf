"""Draws the menu where the service has no settings: `python -m ussd.menu FILE`."""

from ussd.commands import draw

if __name__ == "__main__":
    draw()
