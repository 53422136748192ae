/**
 * Draw values as an image of squares, one a value, from the page's colour for nothing to the other end.
 *
 * Images of clothes are drawn as everywhere in the dashboard: `blend` in CSS turns them for the page.
 *
 * @param {HTMLCanvasElement} canvas gets as many pixels as there are values; CSS makes it larger
 * @param {ArrayLike<number>} values from 0 to 255, row after row
 * @param {number} width how many are in a row
 */
export function paintGrey(canvas, values, width) {
  const height = values.length / width;
  const pen = preparePen(canvas, width, height);
  const image = pen.createImageData(width, height);
  for (let index = 0; index < values.length; index += 1) {
    image.data.fill(values[index], 4 * index, 4 * index + 3);
    image.data[4 * index + 3] = 255;
  }
  pen.putImageData(image, 0, 0);
}

/**
 * Draw values of two signs: the stronger, the less one sees through.
 *
 * @param {HTMLCanvasElement} canvas as for `paintGrey`
 * @param {ArrayLike<number>} values row after row
 * @param {number} width how many are in a row
 * @param {number} largest the size of a value that hides what is behind; 0 where all are 0
 * @param {[Color, Color]} colors of values above and below 0
 *
 * @typedef {[number, number, number]} Color red, green, blue, from 0 to 255
 */
export function paintSigned(canvas, values, width, largest, [above, below]) {
  const height = values.length / width;
  const pen = preparePen(canvas, width, height);
  const image = pen.createImageData(width, height);
  for (let index = 0; index < values.length; index += 1) {
    image.data.set(values[index] < 0 ? below : above, 4 * index);
    image.data[4 * index + 3] = largest ? Math.min(255, (255 * Math.abs(values[index])) / largest) : 0;
  }
  pen.putImageData(image, 0, 0);
}

/**
 * A colour of the style sheets.
 *
 * @param {Element} place where it counts: light and dark differ
 * @param {string} property such as "--fm-accent"
 * @returns {Color}
 */
export function colorOf(place, property) {
  const probe = document.createElement("i");
  probe.style.color = `var(${property})`;
  // Where colours are the system's, what is drawn keeps its own.
  probe.style.setProperty("forced-color-adjust", "none");
  place.append(probe);
  const [red, green, blue] = (getComputedStyle(probe).color.match(/[\d.]+/g) ?? []).map(Number);
  probe.remove();
  return [red, green, blue];
}

/** @type {(canvas: HTMLCanvasElement, width: number, height: number) => CanvasRenderingContext2D} */
function preparePen(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
}
