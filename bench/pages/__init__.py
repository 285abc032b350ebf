"""How long each staff page takes among a million players."""
