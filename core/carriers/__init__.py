"""Who carries the SMS: two providers, and when one takes over from the other."""
