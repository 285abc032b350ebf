"""SMS: out through Africa's Talking, in through its callbacks."""
