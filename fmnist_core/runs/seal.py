"""A seal on the files that only this installation may have written.

A model file can hold code, and Keras's safe mode has been bypassed more than once. So a model is
opened only if an HMAC-SHA256 of its bytes (RFC 2104) is right under a key that lies outside the
runs folder: a file that came with a copied or imported run has no such seal.
"""

from __future__ import annotations

import hmac
import logging
import secrets
from pathlib import Path

from fmnist_core.config import KEY_FILE
from fmnist_core.private import NotPrivate, data_folder, read_or_create

_KEY_BYTES = 32
_log = logging.getLogger("fmnist.seal")


def seal(content: bytes) -> str | None:
    """The seal of a file's content in hexadecimal digits; ``None`` where no key can be kept."""
    try:
        key = _key(_key_file())
    except (OSError, NotPrivate) as error:
        _log.warning("models are not sealed, so they cannot be opened later: %s", error)
        return None
    return hmac.digest(key, content, "sha256").hex()


def is_sealed(content: bytes, tag: str | None) -> bool:
    """Whether a file's content carries this installation's seal."""
    if not isinstance(tag, str):
        return False
    expected = seal(content)
    return expected is not None and hmac.compare_digest(expected.encode(), tag.encode())


def _key_file() -> Path:
    """Where the key lies; machines that train for one another name one file for all of them."""
    return KEY_FILE.get() or data_folder() / "model.key"


def _key(file: Path) -> bytes:
    key = read_or_create(file, lambda: secrets.token_bytes(_KEY_BYTES))
    if len(key) != _KEY_BYTES:
        raise OSError(f"{file.name} does not hold a key")
    return key
