import { edgesAt, isWhole, LEAST, moveEdges, moveFrame, span, WHOLE } from "../../ui/components/photo/frame.js";
import { findGarment, otsuThreshold, partsOf } from "../../ui/components/photo/garment.js";
import { findGround, quantile } from "../../ui/components/photo/ground.js";
import { PhotoRefused, readHeader } from "../../ui/components/photo/header.js";
import { centre, cut, greyOf, negate, scale, sharpen, smooth, stretch, thin } from "../../ui/components/photo/planes.js";
import { prepare, SIDE } from "../../ui/components/photo/prepare.js";
import { layOverWhite } from "../../ui/components/photo/read.js";
import { equal, near, test } from "./testing.js";

/** @type {(...parts: (string | number[])[]) => Uint8Array} text as a byte a character, and bytes */
const bytes = (...parts) => Uint8Array.from(parts.flatMap((part) =>
  (typeof part === "string" ? [...part].map((character) => character.charCodeAt(0)) : part)));

/** @param {Uint8Array} content */
const sizeOf = (content) => {
  const { kind, width, height } = readHeader(content);
  return [kind, width, height];
};

/** @param {Uint8Array} content */
const refusal = (content) => {
  try {
    return readHeader(content).kind;
  } catch (error) {
    if (error instanceof PhotoRefused) return error.message;
    throw error;
  }
};

/** @type {(width: number, height: number) => Uint8Array} */
const png = (width, height) => bytes(
  "\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
  [...new Uint8Array(Uint32Array.of(height, width).buffer)].reverse(),
);
const SEGMENT = "\xff\xe1\0\x06EXIF";

test("the size of a PNG stands in its first chunk", () => {
  equal(sizeOf(png(640, 70)), ["PNG", 640, 70]);
});

test("the size of a JPEG stands in its frame, behind other segments and filling bytes", () => {
  const frame = [0xff, 0xc2, 0, 17, 8, 0x01, 0x02, 0x03, 0x04, 3];
  equal(sizeOf(bytes("\xff\xd8", SEGMENT, frame)), ["JPEG", 0x304, 0x102]);
  equal(sizeOf(bytes("\xff\xd8", SEGMENT, "\xff\xc4\0\x04..", "\xff\xff", frame)), ["JPEG", 0x304, 0x102]);
});

test("a JPEG whose scan comes first, or that ends, is damaged", () => {
  for (const rest of ["\xff\xda\0\x08", "\xff\xd9", SEGMENT, "\xff\xc0\0\x0b", "no marker"]) {
    equal(refusal(bytes("\xff\xd8\xff\xe0\0\x02", rest)), "This JPEG file cannot be opened: it seems to be damaged.");
  }
});

test("a WebP says its size in three ways", () => {
  const riff = "RIFF\0\0\0\0WEBP";
  equal(sizeOf(bytes(riff, "VP8X\x0a\0\0\0\0\0\0\0", [0x7f, 2, 0, 0xff, 1, 0])), ["WebP", 640, 512]);
  // 14 bits each, less one: 99 and 49.
  equal(sizeOf(bytes(riff, "VP8L\0\0\0\0\x2f", [99, (49 << 6) & 255, 49 >> 2, 0])), ["WebP", 100, 50]);
  equal(sizeOf(bytes(riff, "VP8 \0\0\0\0...\x9d\x01\x2a", [100, 0x40, 50, 0])), ["WebP", 100, 50]);
  equal(refusal(bytes(riff, "ALPH\0\0\0\0")), "This WebP file cannot be opened: it seems to be damaged.");
});

test("a GIF is as large as its screen, or its first image behind tables and extensions", () => {
  const table = "\x81..." + "x".repeat(11);
  const extension = "\x21\xf9\x04abcd\0";
  /** @type {(...image: number[]) => Uint8Array} */
  const gif = (...image) => bytes("GIF89a", [20, 0, 10, 0], table.slice(0, 3), "x".repeat(12), extension, "\x2c", image);
  equal(sizeOf(gif(0, 0, 0, 0, 20, 0, 10, 0)), ["GIF", 20, 10]);
  equal(sizeOf(gif(5, 0, 0, 0, 0x10, 1, 3, 0)), ["GIF", 0x110 + 5, 10]);
  equal(refusal(bytes("GIF89a", [20, 0, 10, 0, 0, 0, 0], "\x3b")), "This GIF file cannot be opened: it seems to be damaged.");
});

test("a BMP has sizes of two or four bytes, and may stand on its head", () => {
  const start = "BM............";
  equal(sizeOf(bytes(start, [12, 0, 0, 0, 30, 0, 40, 0])), ["BMP", 30, 40]);
  equal(sizeOf(bytes(start, [40, 0, 0, 0, 30, 0, 0, 0, 0xd8, 0xff, 0xff, 0xff])), ["BMP", 30, 40]);
});

test("what is too large to draw is refused by its header", () => {
  equal(sizeOf(png(8_000, 5_000)), ["PNG", 8_000, 5_000]);
  equal(
    refusal(png(30_000, 30_000)),
    "This picture has 30,000 × 30,000 pixels, which is 900 megapixels. The most that can be opened is 40.",
  );
  equal(refusal(png(0, 5)), "This PNG file cannot be opened: it seems to be damaged.");
});

test("what is no picture of these kinds is refused by its name", () => {
  const taken = "PNG, JPEG, WebP, GIF and BMP can be opened.";
  for (const [content, name] of [
    ["<svg xmlns=''/>", "an SVG drawing"],
    ["\xef\xbb\xbf\n<?xml version='1.0'?><!-- x --><SVG>", "an SVG drawing"],
    ["%PDF-1.7", "a PDF"],
    ["II*\0....", "a TIFF picture"],
    ["MM\0*....", "a TIFF picture"],
    ["\0\0\0\x18ftypheic", "an HEIC photo"],
    ["\0\0\0\x18ftypmif1", "an HEIC photo"],
    ["\0\0\0\x1cftypavif", "an AVIF picture"],
  ]) equal(refusal(bytes(content)), `This is ${name}, which cannot be opened here. ${taken}`);
  for (const content of ["<html>", "PK\x03\x04", "x", "\x89PN"]) {
    equal(refusal(bytes(content)), `This is no picture of a kind that is known here. ${taken}`);
  }
  equal(refusal(bytes()), "This file is empty.");
});

test("what shines through shows white", () => {
  const data = Uint8ClampedArray.of(10, 20, 30, 255, 10, 20, 30, 0, 0, 0, 0, 51);
  layOverWhite(data);
  equal(data, [10, 20, 30, 255, 255, 255, 255, 255, 204, 204, 204, 255]);
});

/** @type {(width: number, ...values: number[]) => import("../../ui/components/photo/planes.js").Plane} */
const plane = (width, ...values) => ({ values: Float32Array.from(values), width, height: values.length / width });

test("grey is what eyes see of the three colours", () => {
  const { values } = greyOf({ data: [255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255], width: 3, height: 1 });
  equal(values.map(Math.round), [76, 150, 29]);
});

test("an image is cut, negated and put into the middle, right and below where there are two", () => {
  const three = plane(3, 1, 2, 3, 4, 5, 6);
  equal(cut(three, { left: 1, top: 0, right: 3, bottom: 2 }), plane(2, 2, 3, 5, 6));
  equal(negate(plane(2, 0, 200)), plane(2, 255, 55));
  equal(centre(plane(1, 7, 8), 4), plane(4, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 8, 0, 0, 0, 0, 0));
});

test("scaled values are the means of the areas that they stand for", () => {
  equal(scale(plane(4, 1, 3, 5, 7, 9, 11, 13, 15), 2, 1), plane(2, 6, 10));
  near([...scale(plane(3, 0, 30, 60), 2, 1).values], [10, 50]);
  equal(scale(plane(1, 9), 2, 2), plane(2, 9, 9, 9, 9));
});

test("a flat image stays as it is when it is smoothed or sharpened, an edge does not", () => {
  near([...smooth(plane(3, ...Array(9).fill(90))).values], Array(9).fill(90));
  equal(smooth(plane(3, 0, 0, 0, 0, 90, 0, 0, 0, 0)), plane(3, ...Array(9).fill(10)));
  equal(sharpen(plane(3, ...Array(9).fill(90))).values.map(Math.round), Array(9).fill(90));
  const [dark, light] = sharpen(plane(2, 100, 150, 100, 150)).values;
  if (dark >= 100 || light <= 150) throw new Error(`${dark} and ${light}`);
  equal(sharpen(plane(2, 0, 255)).values, [0, 255]);
});

test("the brightest pixel becomes white, and nothing stays nothing", () => {
  equal(stretch(plane(2, 51, 102)), plane(2, 127.5, 255));
  equal(stretch(plane(2, 0, 0)), plane(2, 0, 0));
});

test("quantiles are exact to an eighth, and leave out what does not count", () => {
  const values = Float32Array.of(255, 1, 2, 3, 0);
  equal([0, 0.5, 0.99].map((share) => quantile(values, share)), [0, 2, 255]);
  equal(quantile(values, 0.5, (index) => values[index] > 2), 255);
  equal(quantile(values, 0.5, () => false), 0);
});

test("Otsu's threshold lies between two groups", () => {
  const threshold = otsuThreshold(Float32Array.of(3, 5, 4, 6, 5, 199, 205));
  if (threshold < 7 || threshold > 199) throw new Error(`it is ${threshold}`);
  equal(otsuThreshold(Float32Array.of(7, 7, 7)), 0);
});

test("what hangs together is a part, by corners too", () => {
  const parts = partsOf(Uint8Array.of(1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1), 4, 3);
  equal(parts.map(({ pixels, box }) => [[...pixels], Object.values(box)]), [
    [[0, 5], [0, 0, 2, 2]],
    [[3], [3, 0, 4, 1]],
    [[11], [3, 2, 4, 3]],
  ]);
});

/**
 * A photo of 120 by 90 pixels.
 *
 * @param {(column: number, row: number) => number | number[]} colorAt grey, or red, green and blue
 */
function photo(colorAt) {
  const [width, height] = [120, 90];
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const color = colorAt(pixel % width, Math.floor(pixel / width));
    data.set(typeof color === "number" ? [color, color, color] : color, 4 * pixel);
  }
  return { data, width, height };
}

/** @type {(column: number, row: number) => boolean} 56 by 28 pixels, off the middle */
const inBlock = (column, row) => column >= 10 && column < 66 && row >= 40 && row < 68;
const BLOCK = { left: 10, top: 40, right: 66, bottom: 68 };

/** @param {ReturnType<typeof photo>} taken */
const boxOf = (taken) => findGarment(taken, greyOf(taken)).box;

test("light from one side is ground", () => {
  const { differences } = findGround(photo((column, row) => 120 + column - row / 2));
  const most = differences.reduce((largest, difference) => Math.max(largest, difference), 0);
  if (most > 1.5) throw new Error(`${most} is left`);
});

test("a garment is found on light, dark and coloured ground, and where the light comes from one side", () => {
  equal(boxOf(photo((column, row) => (inBlock(column, row) ? 40 : 240))), BLOCK);
  equal(boxOf(photo((column, row) => (inBlock(column, row) ? 220 : 20))), BLOCK);
  equal(boxOf(photo((column, row) => (inBlock(column, row) ? [200, 90, 90] : [90, 137, 140]))), BLOCK);
  equal(boxOf(photo((column, row) => (inBlock(column, row) ? 90 : 130 + column))), BLOCK);
});

test("its soft shadow is ground, specks are, and so is what reaches into the photo", () => {
  /** @type {(column: number, row: number) => number} */
  const shadow = (column, row) => 70 * Math.exp(-(((column - 60) / 24) ** 2) - ((row - 66) / 10) ** 2);
  equal(boxOf(photo((column, row) => (inBlock(column, row) ? 40 : Math.round(240 - shadow(column, row))))), BLOCK);
  equal(boxOf(photo((column, row) => (inBlock(column, row) || (row < 3 && column % 40 === 9) ? 40 : 240))), BLOCK);
  equal(boxOf(photo((column, row) => (inBlock(column, row) || column > 100 ? 40 : 240))), BLOCK);
});

test("on a photo of one colour nothing stands out, and the image is empty", () => {
  for (const value of [0, 128, 255]) {
    const { box, small } = prepare(photo(() => value));
    equal(box, null);
    equal(small, { values: new Float32Array(SIDE * SIDE), width: SIDE, height: SIDE });
  }
});

/** Rows and columns of an image that hold something: the first and how many. @param {Float32Array} values */
function extentOf(values) {
  const drawn = [...values.keys()].filter((index) => values[index] > 0);
  const rows = drawn.map((index) => Math.floor(index / SIDE)), columns = drawn.map((index) => index % SIDE);
  return [rows, columns].map((places) => [Math.min(...places), Math.max(...places) - Math.min(...places) + 1]);
}

test("a garment becomes 28 long, in the middle, bright on nothing", () => {
  for (const [garment, ground, isInverted] of /** @type {[number, number, boolean][]} */ ([
    [30, 245, true], [120, 160, true], [225, 15, false],
  ])) {
    const result = prepare(photo((column, row) => (inBlock(column, row) ? garment : ground)));
    equal([result.isInverted, result.box], [isInverted, BLOCK]);
    equal([result.cropped.width, result.cropped.height], [56, 28]);
    equal(extentOf(result.small.values), [[7, 14], [0, 28]]);
    equal([...new Set(result.small.values.map(Math.round))].sort(), [0, 255]);
  }
});

test("of a garment on white its darkest part is the brightest, and its white is almost nothing", () => {
  const { cleared } = prepare(photo((column, row) => (inBlock(column, row) ? (column < 50 ? 0 : 200) : 250)));
  equal([cleared.values[50 * 120 + 20], Math.round(cleared.values[50 * 120 + 60])], [255, 51]);
});

test("only what lies in the frame counts, by its own ground", () => {
  const taken = photo((column, row) => (inBlock(column, row) ? 40 : row < 30 ? 10 : 240));
  const frame = { left: 4, top: 34, right: 80, bottom: 80 };
  const result = prepare(taken, { frame });
  equal([result.grey.width, result.grey.height, result.box], [76, 46, BLOCK]);
  equal(extentOf(result.small.values), [[7, 14], [0, 28]]);
});

test("threshold and inversion can be set by hand", () => {
  const taken = photo((column, row) => (inBlock(column, row) ? (column < 38 ? 30 : 180) : 240));
  equal(prepare(taken, { threshold: 100 }).box, { ...BLOCK, right: 38 });
  const result = prepare(taken, { isInverted: false });
  equal([result.isInverted, result.inverted], [false, result.grey]);
});

test("a photo of one pixel, a line and a photo that is all garment are no trouble", () => {
  for (const [width, height] of [[1, 1], [300, 1], [1, 300], [2, 2]]) {
    const data = new Uint8ClampedArray(4 * width * height).map((_, index) => (index % 8 < 4 ? 250 : 10));
    equal(prepare({ data, width, height }).small.values.every(Number.isFinite), true);
    equal(prepare({ data, width, height }, { threshold: 0 }).small.values.length, SIDE * SIDE);
  }
});

test("to be shown an image has every so many-th of its pixels", () => {
  equal(thin(plane(5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), 3), plane(3, 1, 3, 5, 11, 13, 15));
  const small = plane(2, 1, 2);
  if (thin(small, 2) !== small) throw new Error("it is another one");
});

const FRAME = { left: 0.2, top: 0.3, right: 0.6, bottom: 0.9 };

test("near an edge of a frame one takes hold of it, near a corner of two", () => {
  /** @type {[number, number]} */
  const grip = [0.05, 0.05];
  equal(edgesAt(FRAME, 0.22, 0.6, grip), ["left"]);
  equal(edgesAt(FRAME, 0.58, 0.88, grip), ["right", "bottom"]);
  equal(edgesAt(FRAME, 0.4, 0.27, grip), ["top"]);
  equal(edgesAt(FRAME, 0.4, 0.6, grip), []);
  equal(edgesAt(FRAME, 0.22, 0.1, grip), []);
  equal(edgesAt(WHOLE, 0.99, 0.5, grip), ["right"]);
});

test("an edge stays on the photo and apart from the one opposite", () => {
  equal(moveEdges(FRAME, ["left"], -1, 0), { ...FRAME, left: 0 });
  near([moveEdges(FRAME, ["left"], 1, 0).left, moveEdges(FRAME, ["bottom"], 0, -1).bottom], [0.6 - LEAST, 0.3 + LEAST]);
  near(Object.values(moveEdges(FRAME, ["right", "top"], 0.1, -0.1)), [0.2, 0.2, 0.7, 0.9]);
});

test("a frame that is moved keeps its size and stays on the photo", () => {
  /** @type {(frame: import("../../ui/components/photo/frame.js").Frame) => number[]} */
  const sides = ({ left, top, right, bottom }) => [left, top, right, bottom];
  near(sides(moveFrame(FRAME, 0.1, -0.1)), [0.3, 0.2, 0.7, 0.8]);
  near(sides(moveFrame(FRAME, 5, -5)), [0.6, 0, 1, 0.6]);
});

test("a frame lies between two corners, whichever is which, and is never too narrow", () => {
  near(Object.values(span(0.6, 0.9, 0.2, 0.3)), [0.2, 0.3, 0.6, 0.9]);
  near(Object.values(span(0.5, 0.5, 2, -1)), [0.5, 0, 1, 0.5]);
  const { left, right, top, bottom } = span(1, 1, 1, 1);
  near([left, right, top, bottom], [1 - LEAST, 1, 1 - LEAST, 1]);
  equal([isWhole(span(0, 0, 1, 1)), isWhole(FRAME)], [true, false]);
});
