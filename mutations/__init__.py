"""Takes each guard of the money away in turn, and shows the test that notices."""
