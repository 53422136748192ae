// Colours as the numbers that are written into the pixels of a canvas.

/**
 * "#rrggbb" as the four bytes of a pixel, which computers keep with the lowest first.
 *
 * @param {string} color
 */
export function colorNumber(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/**
 * A colour of which only a share is left on another one, as `colorNumber` writes it.
 *
 * @param {string} color as "#rrggbb"
 * @param {string} ground likewise
 * @param {number} share from 0 to 1
 */
export function mixedNumber(color, ground, share) {
  const [one, other] = [colorNumber(color), colorNumber(ground)];
  const parts = [16, 8, 0].map((shift) => {
    const [own, below] = [(one >>> shift) & 255, (other >>> shift) & 255];
    return Math.round(below + (own - below) * share);
  });
  return ((255 << 24) | (parts[0] << 16) | (parts[1] << 8) | parts[2]) >>> 0;
}
