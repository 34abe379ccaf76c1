"""What the statistics promise, simulated with fixed seeds: `python -m simulations` prints promised against obtained."""
