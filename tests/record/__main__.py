"""``python -m tests.record FOLDER``: what all pages, figures and exports say, to compare later.

It writes them into the folder and says which differ from ``reference.txt``; ``--keep`` makes them
the reference. How they differ says ``git diff --no-index`` on the folders of two commits.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.record", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--keep", action="store_true", help="make this the reference")
    options = parser.parse_args()
    sys.path.insert(0, str(PROJECT / "tests" / "support"))
    with tempfile.TemporaryDirectory() as made:
        # Read when the modules are loaded, or when they are first used.
        os.environ["FMNIST_RUNS_DIR"] = str(Path(made, "runs"))
        os.environ["FMNIST_DASK_CERTIFICATE"] = str(Path(made, "engine.pem"))
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
        from tests.record import writing

        logging.getLogger("streamlit").setLevel(logging.ERROR)
        writing.write(options.folder, Path(made, "runs"))
    if options.keep:
        writing.keep(options.folder)
    differing = writing.differing(options.folder)
    print("\n".join(differing) or "Everything says what it said before.")
    return min(1, len(differing))


if __name__ == "__main__":
    sys.exit(main())
