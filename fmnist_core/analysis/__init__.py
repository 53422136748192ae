"""Figures about predictions, runs and images: NumPy in, numbers out."""
