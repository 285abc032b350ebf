"""The short code: hops in, pages out."""
