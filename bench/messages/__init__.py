"""Thousands of SMS, from the queue through the worker to a provider that the simulator plays."""
