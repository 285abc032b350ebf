"""Values that count from a moment on which two people agreed."""
