"""The parts of the page Try your own."""
