// What an image map shows, from the data that Python hands over. An image is named by its index in
// the PNG that holds all of them.
import { bytesOf, wordsOf } from "./bytes.js";
import { densestPlaces } from "./image_map_names.js";

/** @import { Point } from "./image_map_view.js" */

/**
 * @typedef {object} Data
 * @property {string} sheet the address of one PNG that holds all images
 * @property {number} columns of that PNG
 * @property {"train" | "test"} split of the images
 * @property {string} numbers indices in the split, in the order of the PNG; uint16 in base64
 * @property {string} places twice a uint16 an image, x and y, in base64; empty: it is a sheet
 * @property {string} order of the places on the sheet, uint16 in base64; empty: that of the PNG
 * @property {string} classes of the images, uint8 in base64
 * @property {string[]} classNames
 * @property {string} kinds of the images, by which they are coloured; uint8 in base64
 * @property {string[]} kindNames
 * @property {string[]} colors of the kinds, as "#rrggbb"
 * @property {string[]} notes sentences that the hint at an image adds
 * @property {string} label what a screen reader says
 * @property {string} loop the line drawn around a part, as it stands in the address
 * @property {string} imageGround white or black: the difference to it is shown of the images
 * @property {string} background of the canvas, as "#rrggbb"
 * @property {string} ink of names on the map, as "#rrggbb"
 * @property {string} accent of what is pointed at, and of the line
 * @property {string} loopFill inside the line
 * @property {number} seen the count of the newest act that was carried out
 *
 * @typedef {object} World
 * @property {boolean} isMap else it is a sheet
 * @property {Uint16Array} numbers of the images in the split
 * @property {Uint8Array} classes
 * @property {Uint8Array} kinds
 * @property {Float32Array} x
 * @property {Float32Array} y
 * @property {Uint16Array} order of the images on the sheet
 * @property {number} sheetColumns how many images a row of the sheet has
 * @property {number[]} shuffled the images of the map, in the order of their drawing
 * @property {(Point | null)[]} nameplaces where the names of the classes stand on the map
 */

/** The side of an image in the PNG, in pixels. */
export const TILE = 28;
const LARGEST_WORD = 65_535;
const MAP_SHARE = 0.94;

/**
 * @param {Data} data
 * @param {number} [aspect] of the canvas, width by height: a sheet gets about the same
 * @returns {World}
 */
export function worldOf(data, aspect = 1) {
  const numbers = wordsOf(data.numbers);
  const count = numbers.length;
  const isMap = Boolean(data.places);
  const sheetColumns = sheetColumnsOf(count, aspect);
  const order = data.order ? wordsOf(data.order) : Uint16Array.from(numbers.keys());
  const [x, y] = [new Float32Array(count), new Float32Array(count)];
  if (isMap) {
    const positions = wordsOf(data.places);
    for (let index = 0; index < count; index += 1) {
      x[index] = positions[2 * index] / LARGEST_WORD;
      y[index] = positions[2 * index + 1] / LARGEST_WORD;
    }
  } else {
    order.forEach((index, slot) => {
      x[index] = ((slot % sheetColumns) + 0.5) / sheetColumns;
      y[index] = (Math.floor(slot / sheetColumns) + 0.5) / sheetColumns;
    });
  }
  const [classes, kinds] = [bytesOf(data.classes), bytesOf(data.kinds)];
  const nameplaces = isMap ? densestPlaces({ x, y }, classes, data.classNames.length) : [];
  const shuffled = shuffledOrder(count);
  return { isMap, numbers, classes, kinds, x, y, order, sheetColumns, shuffled, nameplaces };
}

/**
 * How many images a row of a sheet has, so that all of it fills a canvas.
 *
 * @param {number} count of the images
 * @param {number} aspect of the canvas, width by height
 */
export const sheetColumnsOf = (count, aspect) => Math.max(1, Math.ceil(Math.sqrt(count * aspect)));

/**
 * How much of the world's height has something in it, and how much of a canvas it shall take.
 *
 * @param {World} world
 * @returns {[rows: number, share: number]}
 */
export function extentOf({ isMap, numbers, sheetColumns }) {
  return isMap ? [1, MAP_SHARE] : [Math.ceil(numbers.length / sheetColumns) / sheetColumns, 1];
}

/**
 * Where an image begins in the PNG, in pixels.
 *
 * @type {(data: Pick<Data, "columns">, index: number) => Point}
 */
export const onSheet = ({ columns }, index) => [
  (index % columns) * TILE,
  Math.floor(index / columns) * TILE,
];

/**
 * What an image is called.
 *
 * @param {Pick<Data, "split" | "classNames" | "notes">} data
 * @param {Pick<World, "numbers" | "classes">} world
 * @param {number} index
 */
export function nameOf(data, world, index) {
  const split = data.split === "test" ? "Test" : "Training";
  const parts = [`${split} picture ${world.numbers[index]}`, data.classNames[world.classes[index]]];
  const name = parts.join(": ");
  return data.notes[index] ? `${name}. ${data.notes[index]}` : name;
}

/**
 * A fixed mix of all kinds, so that no class lies on top of all others.
 *
 * @param {number} count
 */
export function shuffledOrder(count) {
  const order = [...new Uint16Array(count).keys()];
  let seed = 1;
  for (let last = count - 1; last > 0; last -= 1) {
    seed = (seed * 48271) % 2147483647;
    const random = seed % (last + 1);
    [order[last], order[random]] = [order[random], order[last]];
  }
  return order;
}
