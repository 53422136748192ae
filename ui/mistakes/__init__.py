"""The parts of Mistakes."""
