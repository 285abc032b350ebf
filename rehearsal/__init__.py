"""A day at random: many players, every fault, two clocks in step, and the laws of the money."""
