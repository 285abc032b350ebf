"""What is handed to players, auditors and the regulator; reads everything, changes nothing."""
