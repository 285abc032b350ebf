"""Load on the whole service from outside, and on its books from inside."""
