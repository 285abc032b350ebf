"""A picture of the whole conversation, read from the code of its steps."""
