"""What several pictures are put together from: lines with bands, rows of intervals, names that stay apart."""
