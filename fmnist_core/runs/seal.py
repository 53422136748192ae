"""A seal on the files that only this installation may have written.

A model file can hold code, and Keras's safe mode has been bypassed more than once. So a model is
opened only if an HMAC-SHA256 of its bytes (RFC 2104) is right under a key that lies outside the
runs folder: a file that came with a copied or imported run has no such seal.
"""

from __future__ import annotations

import contextlib
import hmac
import logging
import os
import secrets
from pathlib import Path

import platformdirs

KEY_FILE_VARIABLE = "FMNIST_KEY_FILE"
_KEY_BYTES = 32
_log = logging.getLogger("fmnist.seal")


def seal(content: bytes) -> str | None:
    """The seal of a file's content in hexadecimal digits; ``None`` where no key can be kept."""
    try:
        key = _key(_key_file())
    except OSError as error:
        _log.warning("models are not sealed, so they cannot be opened later: %s", error)
        return None
    return hmac.digest(key, content, "sha256").hex()


def is_sealed(content: bytes, claimed: str | None) -> bool:
    """Whether a file's content carries this installation's seal."""
    if not isinstance(claimed, str):
        return False
    own = seal(content)
    return own is not None and hmac.compare_digest(own.encode(), claimed.encode())


def _key_file() -> Path:
    """Where the key lies; machines that train for one another name one file for all of them."""
    named = os.environ.get(KEY_FILE_VARIABLE, "").strip()
    folder = platformdirs.user_data_path("fashion-mnist-atelier", appauthor=False)
    return Path(named).expanduser() if named else folder / "model.key"


def _key(file: Path) -> bytes:
    """Read the key, or make one; of two processes that make one at once, one wins."""
    for _ in range(2):
        with contextlib.suppress(FileNotFoundError):
            kept = file.read_bytes()
            if len(kept) != _KEY_BYTES:
                raise OSError(f"{file.name} does not hold a key")
            return kept
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as new:
                new.write(secrets.token_bytes(_KEY_BYTES))
                new.flush()
                os.fsync(new.fileno())
            # Unlike a rename, a link never replaces the key that another process made meanwhile.
            with contextlib.suppress(FileExistsError):
                os.link(beside, file)
        finally:
            beside.unlink(missing_ok=True)
    raise OSError(f"{file.name} could not be made")
