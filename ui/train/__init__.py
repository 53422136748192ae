"""The parts of the page Train: the form, the network diagram, the live view."""
