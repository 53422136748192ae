"""``eval "$(python -m fmnist_core.engine)"``: a shell in which Dask's programs join our engine."""

from __future__ import annotations

import shlex
import sys

from fmnist_core.engine.certificate import dask_environment
from fmnist_core.errors import FmnistError


def main() -> int:
    """Print the environment as shell commands; the certificate is made where it is missing."""
    try:
        environment = dask_environment()
    except FmnistError as error:
        print(error, file=sys.stderr)
        return 1
    for name, value in environment.items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
