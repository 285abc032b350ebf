"""For the people who run the service: commands now, the staff page next."""
