import { colorNumber, mixedNumber } from "../../ui/components/image_map_colors.js";
import { frontLast, pixelsFor } from "../../ui/components/image_map_drawing.js";
import { readLoop, surrounds, writeLoop } from "../../ui/components/image_map_loop.js";
import { morphOf, step } from "../../ui/components/image_map_morph.js";
import { densestPlaces, placedNames } from "../../ui/components/image_map_names.js";
import { pinch } from "../../ui/components/image_map_pointers.js";
import {
  fitted,
  moved,
  nearest,
  nextInDirection,
  resized,
  revealed,
  slotAt,
  toScreen,
  toWorld,
  zoomed,
} from "../../ui/components/image_map_view.js";
import { isDimmed } from "../../ui/components/image_map_state.js";
import {
  extentOf,
  nameOf,
  onSheet,
  sheetColumnsOf,
  shuffledOrder,
  worldOf,
} from "../../ui/components/image_map_world.js";
import { equal, near, test } from "./testing.js";

/** @import { Point } from "../../ui/components/image_map_view.js" */
/** @import { Data } from "../../ui/components/image_map_world.js" */

const VIEW = { left: 30, top: -20, scale: 800, least: 400 };
/** @type {Point[]} */
const POINTS = [[0, 0], [1, 1], [0.25, 0.75], [-3, 7]];
const CROSS = {
  x: Float32Array.of(0.5, 0.25, 0.75, 0.5, 0.5),
  y: Float32Array.of(0.5, 0.5, 0.5, 0.25, 0.75),
};
const SEEN_FROM_ABOVE = { left: 0, top: 0, scale: 100, least: 100 };

/** @param {number[]} values */
const packed = (values) => btoa(String.fromCharCode(...new Uint8Array(Uint16Array.from(values).buffer)));

/** @type {Data} */
const DATA = {
  sheet: "/pictures/test-6.png",
  columns: 2,
  split: "test",
  numbers: packed([5, 300, 9_999]),
  places: "",
  order: "",
  classes: btoa("\x00\x01\x01"),
  classNames: ["Shirt", "Bag"],
  kinds: btoa("\x00\x01\x01"),
  kindNames: ["Shirt", "Bag"],
  colors: ["#000000", "#ffffff"],
  notes: [],
  label: "All of them",
  loop: "",
  imageGround: "#ffffff",
  background: "#ffffff",
  ink: "#26212b",
  accent: "#9c3225",
  loopFill: "rgba(156, 50, 37, 0.1)",
  seen: 0,
};

test("a point on the screen is the same point of the world again", () => {
  for (const point of POINTS) near(toWorld(VIEW, toScreen(VIEW, point)), point);
  near(toScreen(VIEW, [0.5, 0.5]), [430, 380]);
});

test("all of the world lies in the middle of a canvas", () => {
  const view = fitted(1_000, 500, 1, 0.9);
  equal(view, { left: 275, top: 25, scale: 450, least: 450 });
  near(toScreen(view, [0.5, 0.5]), [500, 250]);
});

test("a sheet with few rows is as wide as the canvas", () => {
  const view = fitted(1_000, 500, 0.25, 1);
  equal(view, { left: 0, top: 125, scale: 1_000, least: 1_000 });
});

test("zooming keeps what is under the pointer there", () => {
  for (const factor of [1.5, 0.7, 3]) {
    /** @type {Point} */
    const pointer = [123, 45];
    const world = toWorld(VIEW, pointer);
    const view = zoomed(VIEW, factor, pointer);
    near(toScreen(view, world), pointer);
    near([view.scale], [VIEW.scale * factor]);
  }
});

test("zooming ends at half the size and at four hundred times", () => {
  equal(zoomed(VIEW, 1e-9, [0, 0]).scale, 200);
  equal(zoomed(VIEW, 1e9, [0, 0]).scale, 160_000);
  const most = zoomed(VIEW, 1e9, [7, 8]);
  equal(zoomed(most, 2, [100, 100]), most);
});

test("zooming in and out by the same leads back", () => {
  const back = zoomed(zoomed(VIEW, 1.6, [10, 20]), 1 / 1.6, [10, 20]);
  near([back.left, back.top, back.scale], [VIEW.left, VIEW.top, VIEW.scale]);
});

test("moving moves every point by the same", () => {
  const view = moved(VIEW, [11, -7]);
  near(toScreen(view, [0.3, 0.4]), [toScreen(VIEW, [0.3, 0.4])[0] + 11, toScreen(VIEW, [0.3, 0.4])[1] - 7]);
});

test("what is well in sight is not moved, and what is not comes to the middle", () => {
  equal(revealed(VIEW, [0.5, 0.5], 1_000, 600), VIEW);
  const view = revealed(VIEW, [0, 0.5], 1_000, 600);
  near(toScreen(view, [0, 0.5]), [500, 380]);
  near(toScreen(revealed(VIEW, [5, 5], 1_000, 600), [5, 5]), [500, 300]);
});

test("each place of a sheet is hit from its corner to its end, and nothing beside it", () => {
  const view = { left: 10, top: 20, scale: 300, least: 300 };
  equal(slotAt(view, 3, [10, 20]), 0);
  equal(slotAt(view, 3, [109.9, 119.9]), 0);
  equal(slotAt(view, 3, [110, 20]), 1);
  equal(slotAt(view, 3, [309.9, 120]), 5);
  equal(slotAt(view, 3, [9.9, 20]), null);
  equal(slotAt(view, 3, [310, 20]), null);
  equal(slotAt(view, 3, [10, 19.9]), null);
  equal(slotAt(view, 3, [10, 320]), 9);
});

test("the nearest image of those that are there is hit, and none from afar", () => {
  equal(nearest(SEEN_FROM_ABOVE, CROSS, [0, 1, 2], [48, 50]), 0);
  equal(nearest(SEEN_FROM_ABOVE, CROSS, [1, 2], [58, 50]), 2);
  equal(nearest(SEEN_FROM_ABOVE, CROSS, [1, 2], [50, 90]), null);
  equal(nearest(SEEN_FROM_ABOVE, CROSS, [], [50, 50]), null);
  equal(nearest(SEEN_FROM_ABOVE, CROSS, [0], [50, 73.9]), 0);
  equal(nearest(SEEN_FROM_ABOVE, CROSS, [0], [50, 74]), null);
});

test("an arrow key leads to the nearest image on that side, past what is hidden", () => {
  const shown = () => false;
  equal(nextInDirection(CROSS, 0, [-1, 0], shown), 1);
  equal(nextInDirection(CROSS, 0, [1, 0], shown), 2);
  equal(nextInDirection(CROSS, 0, [0, -1], shown), 3);
  equal(nextInDirection(CROSS, 0, [0, 1], shown), 4);
  equal(nextInDirection(CROSS, 1, [-1, 0], shown), 1);
  equal(nextInDirection(CROSS, 1, [1, 0], (index) => index === 0 || index === 2), 3);
  equal(nextInDirection(CROSS, 1, [1, 0], (index) => index !== 2), 2);
});

test("two fingers zoom around the middle between them", () => {
  equal(pinch([10, 0], [20, 0], [0, 0]), [2, [10, 0]]);
  equal(pinch([0, 40], [0, 20], [0, 0]), [0.5, [0, 10]]);
  equal(pinch([0.1, 0], [3, 0], [0, 0]), [3, [1.5, 0]]);
});

test("a line in the address is the same line again", () => {
  /** @type {Point[]} */
  const corners = [[0, 0], [1, 0.5], [0.25, 1]];
  equal(writeLoop(corners), "0000zzi0" + "90zz");
  const again = readLoop(writeLoop(corners));
  equal(writeLoop(again), writeLoop(corners));
  again.forEach(([x, y], at) => {
    if (Math.hypot(x - corners[at][0], y - corners[at][1]) > 1 / 1295) throw new Error(`${x} ${y}`);
  });
});

test("a long line gets as many corners as an address has room for", () => {
  for (const count of [3, 48, 49, 500]) {
    const corners = Array.from({ length: count }, (_, at) => /** @type {Point} */ ([at / count, 0]));
    const kept = readLoop(writeLoop(corners)).length;
    if (kept > 48 || kept < Math.min(count, 24)) throw new Error(`${kept} of ${count}`);
  }
});

test("a line beside the map ends at its border", () => {
  equal(writeLoop([[-2, 3]]), "00zz");
});

test("an address without a line, or with half of one, has no corners of it", () => {
  equal(readLoop(""), []);
  equal(readLoop("zz"), []);
  equal(readLoop("zzzz0"), [[1, 1]]);
});

test("three corners surround something, two do not", () => {
  equal(surrounds(writeLoop([[0, 0], [1, 0]])), false);
  equal(surrounds(writeLoop([[0, 0], [1, 0], [0, 1]])), true);
  equal(surrounds(""), false);
});

test("a sheet puts the images row by row into a square", () => {
  const world = worldOf(DATA);
  equal(world.numbers, [5, 300, 9_999]);
  equal(world.kinds, [0, 1, 1]);
  equal([world.isMap, world.sheetColumns], [false, 2]);
  equal([world.order, world.x, world.y], [[0, 1, 2], [0.25, 0.75, 0.25], [0.25, 0.25, 0.75]]);
  equal(extentOf(world), [1, 1]);
});

test("a sheet in another order has each image where the order says", () => {
  const world = worldOf({ ...DATA, order: packed([2, 0, 1]) });
  equal([world.x, world.y], [[0.75, 0.25, 0.25], [0.25, 0.75, 0.25]]);
});

test("a map has the images where their places say", () => {
  const world = worldOf({ ...DATA, places: packed([0, 65_535, 65_535, 0, 13_107, 13_107]) });
  equal(world.isMap, true);
  near([...world.x, ...world.y], [0, 1, Math.fround(0.2), 1, 0, Math.fround(0.2)]);
  equal(extentOf(world), [1, 0.94]);
});

test("a map without images is no error", () => {
  const world = worldOf({ ...DATA, numbers: "", classes: "", kinds: "" });
  equal([world.numbers, world.order, world.sheetColumns, world.shuffled], [[], [], 1, []]);
});

test("the mix in which a map is drawn holds each image once, and is always the same", () => {
  const order = shuffledOrder(1_000);
  equal([...order].sort((a, b) => a - b), Array.from({ length: 1_000 }, (_, index) => index));
  equal(shuffledOrder(1_000), order);
  if (order.every((value, index) => value === index)) throw new Error("it is no mix");
});

test("an image lies in the PNG row by row", () => {
  equal([0, 1, 2, 5].map((index) => onSheet({ columns: 2 }, index)), [[0, 0], [28, 0], [0, 28], [28, 56]]);
});

test("an image is called by its split, its index, its class and its note", () => {
  const world = worldOf(DATA);
  equal(nameOf(DATA, world, 1), "Test picture 300: Bag");
  equal(nameOf({ ...DATA, split: "train", notes: ["Odd"] }, world, 0), "Training picture 5: Shirt. Odd");
});

test("a colour is the four bytes of a pixel, red the lowest", () => {
  equal(colorNumber("#010203"), 0xff030201);
  equal(colorNumber("#ffffff"), 0xffffffff);
});

test("a canvas without room has no pixels, and one with room has at least one", () => {
  equal([pixelsFor(0, 50, 2), pixelsFor(50, 0, 2)], [null, null]);
  equal(pixelsFor(100, 50, 2), [200, 100]);
  equal(pixelsFor(1, 3, 0.25), [1, 1]);
});

test("a colour that stands back is mostly that of the ground", () => {
  equal(mixedNumber("#000000", "#ffffff", 0), 0xffffffff);
  equal(mixedNumber("#102030", "#ffffff", 1), colorNumber("#102030"));
  equal(mixedNumber("#00ff00", "#000000", 0.5), 0xff008000);
});

test("what stands back is drawn first, and all else in the order of the mix", () => {
  const world = { shuffled: [3, 0, 2, 1], kinds: Uint8Array.of(0, 1, 1, 0) };
  equal(frontLast(world, [false, false]), [3, 0, 2, 1]);
  equal(frontLast(world, [false, true]), [2, 1, 3, 0]);
});

test("all kinds stand back but those that were pressed and the one that is pointed at", () => {
  /** @type {(kept: number[], lit: number | null) => number[]} */
  const dimmed = (kept, lit) => [0, 1, 2].filter((kind) => isDimmed({ kept: new Set(kept), lit }, kind));
  equal(dimmed([], null), []);
  equal(dimmed([], 1), [0, 2]);
  equal(dimmed([0], null), [1, 2]);
  equal(dimmed([0], 2), [1]);
});

test("a name stands where most images of its class are, not in the middle of all of them", () => {
  const dense = Array.from({ length: 20 }, (_, at) => 0.8 + at / 1_000);
  const x = Float32Array.from([...dense, 0.1, 0.2, 0.3, 0.4]);
  const classes = new Uint8Array(24).fill(1);
  const [none, place] = densestPlaces({ x, y: x }, classes, 2);
  equal(none, null);
  near(place ?? [], [0.8095, 0.8095]);
});

test("no name lies over another one, beyond the border, or where its place is out of sight", () => {
  /** @type {(...at: Point) => { at: Point, width: number }} */
  const label = (...at) => ({ at, width: 60 });
  equal(placedNames([label(100, 50)], 20, 200, 100), [[100, 50]]);
  equal(placedNames([label(100, 50), label(110, 52), label(90, 48)], 20, 200, 100), [
    [100, 50], [110, 72], [90, 28],
  ]);
  equal(placedNames([label(5, 2)], 20, 200, 100), [[30, 22]]);
  equal(placedNames([label(-5, 50), label(50, 101)], 20, 200, 100), [null, null]);
  equal(placedNames([label(20, 10)], 20, 50, 100), [null]);
  const many = placedNames(Array.from({ length: 9 }, () => label(100, 50)), 20, 200, 100);
  equal(many.filter(Boolean).length, 5);
});

test("points move to their new places and arrive there", () => {
  const [from, to] = [0, 1].map((value) => ({ x: Float32Array.of(value), y: Float32Array.of(value) }));
  const morph = morphOf(from, to, 1_000);
  equal([to.x, to.y], [[0], [0]]);
  equal(step(morph, to, 1_450), false);
  near([...to.x], [0.5]);
  equal(step(morph, to, 1_900), true);
  equal([to.x, to.y, from.x], [[1], [1], [0]]);
  equal(step(morph, to, 99_999), true);
});

test("a canvas of another size has the same in its middle", () => {
  const whole = fitted(400, 200, 1, 1);
  const view = zoomed(fitted(800, 400, 1, 1), 3, [500, 100]);
  const after = resized(view, [800, 400], [400, 200], whole);
  near(toWorld(after, [200, 100]), toWorld(view, [400, 200]));
  near([after.scale / after.least, after.least], [3, 200]);
});

test("a sheet is about as wide as its canvas", () => {
  equal([1, 4, 0.25].map((aspect) => sheetColumnsOf(100, aspect)), [10, 20, 5]);
  equal(sheetColumnsOf(0, 2), 1);
  equal(worldOf(DATA, 3).sheetColumns, 3);
});
