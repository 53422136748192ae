import { changed, fitted, inkOf, isUnchanged, UNCHANGED } from "../../ui/components/drawing/changes.js";
import { pixelsOf, textOf } from "../../ui/components/drawing/image_text.js";
import { beginStroke, blank, drawn, goOn, SIDE } from "../../ui/components/drawing/strokes.js";
import { copyOf, emptyWork, keptText, keptWork } from "../../ui/components/drawing/work.js";
import { equal, near, test } from "./testing.js";

/** @type {(pixels: Float32Array, row: number, column: number) => number} */
const at = (pixels, row, column) => pixels[row * SIDE + column];

/** @type {(top: number, left: number, height: number, width: number) => Float32Array} */
const rectangle = (top, left, height, width) => blank().map((_, index) => {
  const [row, column] = [Math.floor(index / SIDE), index % SIDE];
  return row >= top && row < top + height && column >= left && column < left + width ? 200 : 0;
});

test("a dot covers a disc and nothing else", () => {
  const image = drawn(beginStroke(blank(), [14, 14], 2, 255));
  equal(at(image, 14, 14), 255);
  equal(at(image, 14, 17), 0);
  equal(inkOf(image) > 8 && inkOf(image) < 24, true);
});

test("a line that is drawn to and fro covers no more than once", () => {
  const [once, twice] = [beginStroke(blank(), [4.2, 9.7], 1.3, 180), beginStroke(blank(), [4.2, 9.7], 1.3, 180)];
  goOn(once, [20.1, 12.4]);
  for (const point of [[20.1, 12.4], [4.2, 9.7]]) goOn(twice, [point[0], point[1]]);
  equal(drawn(twice), drawn(once));
});

test("the finest brush covers single pixels, all along its line", () => {
  const dot = drawn(beginStroke(blank(), [14.9, 3.1], 0, 255));
  equal([inkOf(dot), at(dot, 3, 14)], [1, 255]);
  const line = beginStroke(blank(), [2.5, 5.5], 0, 255);
  goOn(line, [9.5, 5.5]);
  equal(inkOf(drawn(line)), 8);
});

test("a rubber takes away what a brush has drawn, and a stroke may leave the image", () => {
  const full = rectangle(0, 0, SIDE, SIDE);
  const rubber = beginStroke(full, [-5, 3], 3, 0);
  goOn(rubber, [40, 3]);
  equal(at(drawn(rubber), 3, 10), 0);
  equal(at(drawn(rubber), 20, 10), 200);
});

test("an image that nobody changed stays the same", () => {
  const image = rectangle(3, 4, 10, 12);
  equal(changed(image, { ...UNCHANGED }) === image, true);
  equal(isUnchanged({ ...UNCHANGED, blur: 1 }), false);
});

test("a shift moves whole pixels exactly", () => {
  const image = changed(rectangle(3, 4, 10, 12), { ...UNCHANGED, right: 5, down: -2 });
  equal(image, rectangle(1, 9, 10, 12));
});

test("mirrored twice it is the same, and a quarter turn makes rows of columns", () => {
  const image = rectangle(3, 4, 10, 12);
  near([...changed(changed(image, { ...UNCHANGED, mirror: true }), { ...UNCHANGED, mirror: true })], [...image]);
  const turned = changed(rectangle(0, 0, 4, 28), { ...UNCHANGED, turn: 90 });
  near([Math.round(at(turned, 14, 26)), Math.round(at(turned, 14, 2))], [200, 0]);
});

test("a smaller image has less on it, a brighter one stays within 255", () => {
  const image = rectangle(6, 6, 16, 16);
  equal(inkOf(changed(image, { ...UNCHANGED, size: 50 })), 64);
  equal(Math.max(...changed(image, { ...UNCHANGED, brightness: 200 })), 255);
});

test("blur keeps the sum, noise stays within the range and is the same again", () => {
  const image = rectangle(10, 10, 8, 8);
  const sum = (/** @type {Float32Array} */ pixels) => pixels.reduce((total, value) => total + value, 0);
  const share = sum(changed(image, { ...UNCHANGED, blur: 1.5 })) / sum(image);
  equal(Math.abs(share - 1) < 1e-3, true);
  const noisy = changed(image, { ...UNCHANGED, noise: 60 });
  equal(Math.min(...noisy) >= 0 && Math.max(...noisy) <= 255, true);
  equal(changed(image, { ...UNCHANGED, noise: 60 }), noisy);
});

test("what is fitted reaches two edges and lies in the middle, whatever was drawn where", () => {
  const image = fitted(rectangle(2, 3, 14, 7));
  equal(Math.round(at(image, 0, 14)) > 90 && Math.round(at(image, 27, 14)) > 90, true);
  equal([at(image, 14, 5), Math.round(at(image, 14, 8)), Math.round(at(image, 14, 19)), at(image, 14, 22)], [0, 200, 200, 0]);
  equal(fitted(blank()), blank());
});

test("an image goes into an address and comes back", () => {
  const image = blank().map((_, index) => (index * 7) % 256);
  equal(pixelsOf(textOf(image)), image);
  equal(textOf(image).match(/^[\w-]{1046}$/)?.length, 1);
  for (const text of ["", "abc", "%%%", textOf(image).slice(1), `${textOf(image)}AAAA`]) equal(pixelsOf(text), null);
});

test("what is in hand comes back after a reload with all that belongs to it, and at its own address alone", () => {
  const picture = { split: "test", index: 17, label: 4, pixels: rectangle(1, 2, 3, 4) };
  const work = {
    ...emptyWork(), base: rectangle(3, 4, 10, 12), changes: { ...UNCHANGED, turn: 15 }, picture, isPhoto: true, fits: false,
  };
  const text = keptText(work, "a");
  equal(keptWork(text, "a"), work);
  for (const [other, key] of [[text, "b"], [null, "a"], ["{}", "a"], ["nonsense", "a"]]) {
    equal(keptWork(other, String(key)), null);
  }
});

test("what Undo goes back to does not change with what is in hand", () => {
  const work = emptyWork();
  const before = copyOf(work);
  work.changes.turn = 90;
  equal(before, emptyWork());
});
