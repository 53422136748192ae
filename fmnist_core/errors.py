"""The errors that a visitor may see: every message is a sentence for a person."""

from __future__ import annotations


class FmnistError(Exception):
    """The base of every error whose message is meant for the screen.

    The message states the rule, what was received, and what to do next. It never holds a
    file path or a traceback.
    """
