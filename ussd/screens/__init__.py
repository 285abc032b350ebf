"""What callers see, one file per part of the menu."""
