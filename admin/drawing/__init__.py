"""What pages draw: amounts, times, charts, a handset."""
