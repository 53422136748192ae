import { channel, eventsAfter, take } from "../../ui/components/live_channel.js";
import { momentOf, withNew } from "../../ui/components/live_first_layer.js";
import { add, axesOf, empty, pointsOf } from "../../ui/components/live_points.js";
import { answersOf } from "../../ui/components/live_probes.js";
import { equal, test } from "./testing.js";

/** @type {(event: "batch" | "epoch" | "best", value: string) => import("../../ui/components/live_points.js").Curve} */
const curve = (event, value) => ({ x: [], y: [], meta: { event, value, scale: 100 } });

/** @returns {import("../../ui/components/live_points.js").CurveFigure} */
const figure = () => ({
  data: [curve("batch", "accuracy"), curve("epoch", "test_accuracy"), curve("best", "validation_accuracy")],
  layout: {
    shapes: [],
    annotations: [{ name: "begins" }],
    xaxis: { range: [0, 0.5] },
    yaxis: { range: [0, 100] },
    meta: {
      newest: 0, best: null, points: 4, rate: { shape: { type: "line" }, annotation: { y: 1 } },
      begins: { name: "begins" }, ends: [0.5, 1, 4], margin: 0, close: { is: false, from: 60, range: [50, 100], whole: [0, 100] },
    },
  },
});

/** @type {(position: number) => import("../../ui/components/live_points.js").LiveEvent} */
const batch = (position) => /** @type {any} */ ({ event: "batch", at: position, position, accuracy: 0.5, loss: 1 });

/** @type {(epoch: number, loss: number | null) => import("../../ui/components/live_points.js").LiveEvent} */
const epochOf = (epoch, loss) => /** @type {any} */ ({
  event: "epoch", at: epoch, epoch, test_accuracy: 0.25 * epoch,
  validation_loss: loss, validation_accuracy: loss === null ? null : 0.5,
});

test("events add points to the curves that name them, and the first takes the notice away", () => {
  const drawn = figure();
  add(drawn, [batch(0.5), epochOf(1, null)]);
  equal(drawn.data.map(({ x, y }) => [x, y]), [[[0.5], [50]], [[1], [25]], [[], []]]);
  equal(drawn.layout.annotations, []);
  equal(drawn.layout.meta.newest, 1);
});

test("the best epoch is the one with the lowest validation loss", () => {
  const drawn = figure();
  add(drawn, [epochOf(1, 0.5), epochOf(2, 0.3), epochOf(3, 0.4)]);
  equal(drawn.data[2].x, [2]);
});

test("a long curve is thinned and keeps its ends", () => {
  const drawn = figure();
  for (let n = 0; n < 100; n += 1) add(drawn, [batch(n)]);
  const { x } = drawn.data[0];
  if (x.length >= 8) throw new Error(`${x.length} points`);
  equal([x[0], x[x.length - 1]], [0, 99]);
});

test("a changed learning rate is marked, and all is taken out again but the legend", () => {
  const drawn = figure();
  add(drawn, [batch(1), /** @type {any} */ ({ event: "rate", at: 1, position: 1.5, text: "rate × 3" })]);
  equal(drawn.layout.shapes, [{ type: "line", x0: 1.5, x1: 1.5 }]);
  equal(drawn.layout.annotations, [{ y: 1, x: 1.5, text: "rate × 3" }]);
  empty(drawn);
  equal(drawn.data.map(({ x }) => x), [[null], [null], [null]]);
  equal(drawn.layout.shapes, []);
  equal(drawn.layout.annotations, [{ name: "begins" }]);
  add(drawn, [epochOf(1, 0.5)]);
  equal(drawn.data.map(({ x }) => x), [[null], [1], [1]]);
  equal(drawn.layout.annotations, []);
});

/** @type {(end: number) => import("../../ui/components/live_channel.js").PlacedEvent} */
const placed = (end) => ({ ...batch(end), end });

test("what a stream that came back tells again is left out", () => {
  Object.assign(channel, { place: 0, start: 0, events: [] });
  take({ now: 1, events: [placed(10), placed(20)] }, 20);
  take({ now: 2, events: [placed(20), placed(30)] }, 30);
  equal(eventsAfter(0).map(({ end }) => end), [10, 20, 30]);
  equal(eventsAfter(15).map(({ end }) => end), [20, 30]);
  equal(channel.place, 30);
});

test("a curve of its own takes the place of what was known", () => {
  Object.assign(channel, { place: 30, start: 0, events: [placed(30)] });
  take({ now: 3, reset: [batch(1)] }, 12);
  equal([channel.place, channel.start, channel.events.length], [12, 12, 0]);
});

test("topics of several runs leave the place in a run alone", () => {
  Object.assign(channel, { place: 30, start: 0, events: [] });
  take({ topic: "parts", now: 4, parts: { bar: "x" } }, 0);
  equal(channel.place, 30);
  equal(channel.parts.get("bar"), { value: "x", now: 4 });
});

test("the axis of epochs grows, and that of the accuracy is shown closer once and for all", () => {
  const drawn = figure();
  equal(axesOf(drawn), { x: [0, 0.5], y: [0, 100] });
  add(drawn, [batch(0.6)]);
  equal(axesOf(drawn), { x: [0, 1], y: [0, 100] });
  add(drawn, [epochOf(3, null)]);
  equal(axesOf(drawn), { x: [0, 4], y: [50, 100] });
  add(drawn, [epochOf(9, null)]);
  empty(drawn);
  equal(axesOf(drawn), { x: [0, 0.5], y: [50, 100] });
});

test("a curve that is drawn anew begins where it begins, beside the line that stays", () => {
  const drawn = figure();
  drawn.data[0].meta.begin = 10;
  drawn.data.push({ x: [0, 9], y: [10, 10], meta: { event: "none", value: "", scale: 1 } });
  drawn.layout.annotations.push({ name: "guess" });
  add(drawn, [batch(0.5)]);
  empty(drawn);
  equal(drawn.data.map(({ x, y }) => [x, y]), [[[0], [10]], [[null], [null]], [[null], [null]], [[0, 9], [10, 10]]]);
  equal(drawn.layout.annotations, [{ name: "guess" }, { name: "begins" }]);
});

test("the accuracy keeps its whole axis while it may not be shown closer, and then is", () => {
  const drawn = figure();
  add(drawn, [epochOf(3, null)]);
  equal(axesOf(drawn, false), { x: [0, 4], y: [0, 100] });
  equal(drawn.layout.meta.close?.is, false);
  equal(axesOf(drawn, true), { x: [0, 4], y: [50, 100] });
  // It was shown closer before, as to who drew the page anew.
  equal(axesOf(drawn, false).y, [0, 100]);
  equal(axesOf(drawn).y, [50, 100]);
});

test("a curve without a closer axis has none in either case", () => {
  const drawn = figure();
  drawn.layout.meta.close = null;
  equal([axesOf(drawn, false).y, axesOf(drawn, true).y], [undefined, undefined]);
});

test("a curve that began at a guess has as many points as came after it", () => {
  const drawn = figure();
  drawn.data[0].meta.begin = 10;
  empty(drawn);
  equal(pointsOf(drawn), 0);
  add(drawn, [batch(0.2), batch(0.4), epochOf(1, null)]);
  equal(pointsOf(drawn), 2);
});

/** @type {(rows: number[][]) => string} */
const probabilities = (rows) => btoa(String.fromCharCode(...rows.flat()));

test("what a network says of an image is the likeliest class, the first of several", () => {
  equal(answersOf(probabilities([
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 255], [0, 0, 51, 102, 102, 0, 0, 0, 0, 0], Array(10).fill(0),
  ])), [
    { prediction: 9, confidence: 1 }, { prediction: 3, confidence: 0.4 }, { prediction: 0, confidence: 0 },
  ]);
});

test("a moment of a training is told by its epoch", () => {
  equal([0, 0.01, 0.99, 1, 1.5, 12].map(momentOf), [
    "Before training", "During epoch 1", "During epoch 1", "After epoch 1", "During epoch 2", "After epoch 12",
  ]);
});

/** @type {(index: number, position: number) => any} */
const picture = (index, position) => ({ event: "first_layer", index, position, at: index });

test("new pictures come after the old ones, and in place of those of a repeated epoch", () => {
  const known = [picture(0, 0), picture(1, 1)];
  equal(withNew(known, [batch(2), picture(2, 2)]).map(({ position }) => position), [0, 1, 2]);
  equal(withNew(known, [picture(2, 2), picture(1, 0.5)]).map(({ position }) => position), [0, 0.5]);
  equal(withNew([], [picture(0, 0)]).length, 1);
  equal(known.length, 2);
  if (withNew(known, [batch(2)]) !== known) throw new Error("nothing came, and all is new");
});
