import { channel, eventsAfter, take } from "../../ui/components/live_channel.js";
import { add, axesOf, empty } from "../../ui/components/live_points.js";
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
      ends: [0.5, 1, 4], margin: 0, close: { is: false, from: 60, range: [50, 100], whole: [0, 100] },
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

test("a changed learning rate is marked, and all is taken out again", () => {
  const drawn = figure();
  add(drawn, [batch(1), /** @type {any} */ ({ event: "rate", at: 1, position: 1.5, text: "rate × 3" })]);
  equal(drawn.layout.shapes, [{ type: "line", x0: 1.5, x1: 1.5 }]);
  equal(drawn.layout.annotations, [{ y: 1, x: 1.5, text: "rate × 3" }]);
  empty(drawn);
  equal(drawn.data.map(({ x }) => x.length), [0, 0, 0]);
  equal(drawn.layout.shapes, []);
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
  equal(drawn.data.map(({ x, y }) => [x, y]), [[[0], [10]], [[], []], [[], []], [[0, 9], [10, 10]]]);
  equal(drawn.layout.annotations, [{ name: "guess" }]);
});
