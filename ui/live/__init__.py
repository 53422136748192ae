"""The live channel: what a training reports, told to browsers by server-sent events."""
