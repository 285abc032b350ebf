"""Load on the whole service from outside: it knows only HTTP and the operator's commands."""
