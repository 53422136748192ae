"""The parts of Overview."""
