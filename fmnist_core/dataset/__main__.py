"""`python -m fmnist_core.dataset`: obtain Fashion-MNIST and print where it came from."""

from __future__ import annotations

import sys

from fmnist_core.dataset import DatasetUnavailable, load


def main() -> int:
    """Obtain the data; returns the exit code."""
    try:
        data = load(report=lambda sentence: print(sentence, flush=True))
    except DatasetUnavailable as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Fashion-MNIST is ready and verified, from {data.source}.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
