"""Measurement of experiments: events become one row per unit, unit rows become sufficient statistics."""
