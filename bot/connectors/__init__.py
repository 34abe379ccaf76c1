"""Outside systems, each behind a Protocol of `experiments/ports.py`."""
