"""The providers' dialects, one small file each."""
