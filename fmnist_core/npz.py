"""Reading npz files that may hold anything: the size of every array is known first."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Callable
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

Shape = tuple[int, ...]
# A checkpoint of the deepest network: 48 weights, two moments of each, and those of its best epoch.
_MOST_ARRAYS = 300
_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
# Of an entry in a zip file's table of contents.
_ENTRY = b"PK\x01\x02"


def unpack(
    content: bytes,
    check_header: Callable[[str, Shape, np.dtype[Any]], None] = lambda name, shape, dtype: None,
    *,
    limit: int,
) -> dict[str, NDArray[Any]]:
    """Read the arrays of a ``.npz`` file; no memory is taken for what its headers merely promise.

    Args:
        content: of the file.
        check_header: called with name, shape and dtype before each array is read; raises a
            ``ValueError`` to refuse it.
        limit: the bytes that all arrays may have together.

    Raises:
        ValueError: it is no such file, is damaged, or holds something else than numbers.
    """
    # Before zipfile makes an object of each.
    if content.count(_ENTRY) > _MOST_ARRAYS:
        raise ValueError("it holds more arrays than any run has")
    arrays: dict[str, NDArray[Any]] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                name = entry.filename.removesuffix(".npy")
                if name in arrays:
                    raise ValueError("it holds two arrays of the same name")
                with archive.open(entry) as file:
                    arrays[name] = _array(name, file, check_header, limit)
                limit -= arrays[name].nbytes
    except ValueError:
        raise
    except Exception as error:
        # Each decompressor raises errors of its own, which have no common base.
        raise ValueError("it is no file of arrays, or is damaged") from error
    return arrays


def _array(
    name: str,
    file: IO[bytes],
    check_header: Callable[[str, Shape, np.dtype[Any]], None],
    limit: int,
) -> NDArray[Any]:
    read_header = _HEADERS.get(npy.read_magic(file))
    if read_header is None:
        raise ValueError("it holds an array of an unknown version")
    shape, fortran_order, dtype = read_header(file)
    check_header(name, shape, dtype)
    size = math.prod(shape) * dtype.itemsize
    if dtype.kind not in "fiub" or dtype.itemsize > 8 or not 0 <= size <= limit:
        raise ValueError("it holds an array that is no numbers, or is larger than any here")
    content = bytearray(file.read(size))
    if len(content) < size or file.read(1):
        raise ValueError("one of its arrays is not as long as its header says")
    values: NDArray[Any] = np.frombuffer(content, dtype)
    return values.reshape(shape, order="F" if fortran_order else "C")
