"""Short texts for things of one name: as many facts after the name as tell them apart."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

_MOST_FACTS = 3


def told_apart(name: str, facts: Sequence[Sequence[str]], last: Sequence[str]) -> list[str]:
    """The name with what tells its bearers apart; some may still be equal.

    One fact that tells all of them apart is enough. Else several follow each other, each only where
    it tells something, and last of all what every bearer has of its own.

    Args:
        name: which all of them (n) have.
        facts: each as a text for every bearer (n,), the most telling first.
        last: a text for every bearer (n,), for those that no fact tells apart.
    """
    for fact in facts:
        if len({*fact}) == len(fact):
            return [f"{name}, {text}" for text in fact]
    labels, used = [name] * len(last), [0] * len(last)
    for fact in (*facts, last):
        most = _MOST_FACTS if fact is not last else _MOST_FACTS + 1
        for members in equal(labels):
            if len({fact[member] for member in members}) > 1:
                for member in members:
                    if used[member] < most:
                        labels[member] += f", {fact[member]}"
                        used[member] += 1
    return labels


def equal(keys: Sequence[Hashable]) -> Iterator[list[int]]:
    """The indices of keys that occur more than once, key by key."""
    indices: dict[Hashable, list[int]] = {}
    for index, key in enumerate(keys):
        indices.setdefault(key, []).append(index)
    yield from (group for group in indices.values() if len(group) > 1)
