"""Present: a page as one title, one thing and one sentence, to be read from ten metres."""
