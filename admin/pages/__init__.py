"""What staff read and do, page by page."""
