"""Photos to be opened in a browser: whole ones of every kind, and damaged ones."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

Pixels = NDArray[np.uint8]
# The tag of EXIF that says how a photo is to be turned.
ORIENTATION = 0x0112
# How the pixels of an upright photo are stored for each orientation: what a viewer does, undone.
STORED: dict[int, Callable[[Pixels], Pixels]] = {
    1: lambda image: image,
    2: lambda image: image[:, ::-1],
    3: lambda image: image[::-1, ::-1],
    4: lambda image: image[::-1],
    5: lambda image: image.swapaxes(0, 1),
    6: lambda image: image.swapaxes(0, 1)[::-1],
    7: lambda image: image[::-1, ::-1].swapaxes(0, 1),
    8: lambda image: image.swapaxes(0, 1)[:, ::-1],
}
# A boot, a square a tenth of its length: as asymmetric as clothes are.
BOOT = np.array(
    [
        [int(cell) for cell in row]
        for row in ("0000000011", "0000000111", "0000011112", "1111111122")
    ]
)
SQUARE = 28
RARE = 60


class File(NamedTuple):
    """A file as a visitor chooses it."""

    name: str
    content: bytes


def boot_photo(ground: int, shades: tuple[int, int], size: tuple[int, int] = (480, 360)) -> Pixels:
    """A photo (height, width, 3) of a boot off the middle.

    Args:
        ground: grey around it.
        shades: the two greys of the boot.
        size: width and height, in pixels.
    """
    cells = np.kron(BOOT, np.ones((SQUARE, SQUARE), int))
    photo = np.full((size[1], size[0]), ground, np.uint8)
    top, left = size[1] - cells.shape[0] - 40, 30
    place = photo[top : top + cells.shape[0], left : left + cells.shape[1]]
    for shade, value in enumerate(shades, 1):
        place[cells == shade] = value
    return np.repeat(photo[..., None], 3, axis=2)


def boot_image(values: tuple[float, float]) -> NDArray[np.float64]:
    """The image (28, 28) that the authors of the dataset would have made of it.

    Args:
        values: of the two shades on a ground of 0.
    """
    lookup = np.array([0.0, *values])
    small = _squeezed(np.kron(lookup[BOOT], np.ones((SQUARE, SQUARE))))
    # ImageMagick's `-sharpen 1x1`.
    rows, columns = np.mgrid[-1:2, -1:2]
    kernel = -np.exp(-(rows**2 + columns**2) / 2)
    kernel[1, 1] = -2 * kernel.sum()
    sharp = ndimage.convolve(small, kernel / kernel.sum(), mode="nearest").clip(0, 255)
    image = np.zeros((28, 28))
    top = -(-(28 - len(sharp)) // 2)
    image[top : top + len(sharp)] = 255 * sharp / sharp.max()
    return image


def _squeezed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means over equal areas: 28 columns, and as many rows as keep the shape."""
    height = round(28 * values.shape[0] / values.shape[1])
    # Repeated until areas consist of whole pixels.
    large = np.repeat(np.repeat(values, height, axis=0), 28, axis=1)
    areas = large.reshape(height, values.shape[0], 28, values.shape[1])
    return np.asarray(areas.mean(axis=(1, 3)))


def encoded(pixels: Pixels, kind: str, **options: object) -> bytes:
    """Pixels as a file of a kind that Pillow writes."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, format=kind, **options)
    return buffer.getvalue()


def turned(upright: Pixels, orientation: int) -> bytes:
    """A JPEG whose EXIF says that it was taken with the camera held in another way."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return encoded(STORED[orientation](upright), "JPEG", quality=95, subsampling=0, exif=exif)


def blank_png(width: int, height: int) -> bytes:
    """A PNG of nothing, of few bytes however large it is."""

    def chunk(name: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + check

    packer = zlib.compressobj(9)
    row = bytes(1 + width // 8 + 1)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [chunk(b"IHDR", header), chunk(b"IDAT", packed), chunk(b"IEND", b"")]
    )


def damaged_files(count: int, seed: int) -> Iterator[File]:
    """Pictures of every kind, damaged in every way, and what is none; always the same."""
    random = np.random.default_rng(seed)
    whole = _whole_files()
    kinds = list(whole)
    for number in range(count):
        kind = kinds[random.integers(len(kinds))]
        # A large one takes a second.
        rare = number % RARE == RARE // 2
        damage = _blank if rare else _DAMAGES[random.integers(len(_DAMAGES))]
        ending = kinds[random.integers(len(kinds))] if random.random() < 0.3 else kind
        yield File(f"{damage.__name__[1:]}.{ending.lower()}", damage(whole, kind, random))


def _whole_files() -> dict[str, bytes]:
    random = np.random.default_rng(5)
    noisy = np.clip(
        boot_photo(235, (40, 90), (320, 240)).astype(int) + random.normal(0, 6, (240, 320, 3)),
        0,
        255,
    ).astype(np.uint8)
    pages = [Image.fromarray(255 - noisy)]
    return {
        "PNG": encoded(noisy, "PNG"),
        "JPEG": turned(noisy, 6),
        "WebP": encoded(noisy, "WebP"),
        "GIF": encoded(noisy, "GIF", save_all=True, append_images=pages),
        "BMP": encoded(noisy, "BMP"),
        "WebP lossless": encoded(noisy, "WebP", lossless=True),
        "JPEG progressive": encoded(noisy, "JPEG", progressive=True),
    }


# Where the width and the height stand, the bytes of each, and the order of the bytes.
_SIZES = {"PNG": (16, 20, ">I"), "GIF": (6, 8, "<H"), "BMP": (18, 22, "<i")}
# What the frame of a JPEG begins with.
_FRAMES = (b"\xff\xc0", b"\xff\xc2")
Random = np.random.Generator
Damage = Callable[[dict[str, bytes], str, Random], bytes]


def _cut(whole: dict[str, bytes], kind: str, random: Random) -> bytes:
    content = whole[kind]
    # Headers are cut as often as what follows.
    return content[
        : random.integers(min(64, len(content)) if random.random() < 0.5 else len(content))
    ]


def _flipped(whole: dict[str, bytes], kind: str, random: Random) -> bytes:
    content = bytearray(whole[kind])
    end = len(content) if random.random() < 0.5 else min(200, len(content))
    for place in random.integers(0, end, random.integers(1, 60)):
        content[place] ^= 1 << random.integers(8)
    return bytes(content)


def _overwritten(whole: dict[str, bytes], kind: str, random: Random) -> bytes:
    content = bytearray(whole[kind])
    start = random.integers(len(content))
    length = random.integers(1, 400)
    content[start : start + length] = random.bytes(len(content[start : start + length]))
    return bytes(content)


def _repeated(whole: dict[str, bytes], kind: str, random: Random) -> bytes:
    content = whole[kind]
    start, end = sorted(random.integers(0, len(content), 2))
    return content[:end] + content[start:end] * int(random.integers(1, 4)) + content[end:]


def _mixed(whole: dict[str, bytes], kind: str, random: Random) -> bytes:
    other = whole[list(whole)[random.integers(len(whole))]]
    place = random.integers(4, 60)
    return whole[kind][:place] + other[place:]


def _resized(whole: dict[str, bytes], kind: str, random: Random) -> bytes:
    """The header says another size than there is: none, a little more, or what no machine holds."""
    sizes = [0, 1, 321, 5_000, 6_300, 40_000, 65_535, 2**31 - 1]
    width, height = (int(sizes[random.integers(len(sizes))]) for _ in range(2))
    content = bytearray(whole[kind])
    if kind.startswith("JPEG"):
        place = next(at for at in range(len(content)) if content[at : at + 2] in _FRAMES)
        struct.pack_into(">HH", content, place + 5, height % 65_536, width % 65_536)
    elif kind == "WebP":
        struct.pack_into("<HH", content, 26, width % 16_384, height % 16_384)
    elif kind in _SIZES:
        first, second, form = _SIZES[kind]
        largest = 2 ** (8 * struct.calcsize(form) - 1) - 1
        struct.pack_into(form, content, first, min(width, largest))
        struct.pack_into(form, content, second, min(height, largest))
    return bytes(content)


def _blank(whole: dict[str, bytes], kind: str, random: Random) -> bytes:
    """Few bytes of a large picture, some below what is still opened and some above it."""
    width, height = (
        int(side) for side in random.choice([(5_000, 4_000), (8_000, 8_000), (65_000, 9)])
    )
    return blank_png(width, height)


def _nothing(whole: dict[str, bytes], kind: str, random: Random) -> bytes:
    return b""


def _noise(whole: dict[str, bytes], kind: str, random: Random) -> bytes:
    start = whole[kind][: random.integers(20)]
    return start + random.bytes(int(random.integers(2_000)))


def _named(whole: dict[str, bytes], kind: str, random: Random) -> bytes:
    """What is no picture of these kinds, and says so."""
    contents = [
        b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
        b"%PDF-1.7\n1 0 obj\n",
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        b"II*\0\x08\0\0\0",
        b"PK\x03\x04",
        b"<html><body>404</body></html>",
    ]
    return contents[random.integers(len(contents))] + random.bytes(int(random.integers(50)))


_DAMAGES: tuple[Damage, ...] = (
    *(_cut, _cut, _flipped, _flipped, _flipped, _overwritten, _overwritten, _repeated, _mixed),
    *(_resized, _resized, _nothing, _noise, _named),
)
