"""Components that run in the browser: the Python of each beside its JavaScript."""
