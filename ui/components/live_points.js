/**
 * A curve that events add to; its figure says in `meta` what they add (fmnist_core/figures/training.py).
 *
 * @typedef {object} CurveMeta
 * @property {"batch" | "epoch" | "best" | "none"} event
 * @property {string} value the field of an event that is the height of a point
 * @property {number} scale what that is multiplied with
 * @property {number} [begin] its height before the first event
 *
 * @typedef {{ x: number[], y: number[], meta: CurveMeta }} Curve
 * @typedef {[number, number]} Range of an axis
 *
 * @typedef {object} CurveAxes
 * @property {number[]} ends where the axis of epochs can end
 * @property {number} margin the share of it beyond that
 * @property {{ is: boolean, from: number, range: Range, whole: Range } | null} close the height from which on the
 *   curve is shown closer, that axis, and the one before
 * @typedef {{ shape: { [name: string]: unknown }, annotation: { [name: string]: unknown } }} Mark
 *
 * @typedef {object} LiveMeta
 * @property {number} newest when the newest point was reported
 * @property {number | null} best the lowest validation loss
 * @property {Mark} rate
 * @property {{ [name: string]: unknown }} begins what is said where there is no point yet
 * @property {number} points as many as are drawn of a curve
 *
 * @typedef {object} CurveLayout
 * @property {{ [name: string]: unknown }[]} shapes
 * @property {{ [name: string]: unknown }[]} annotations
 * @property {{ range: Range, uirevision?: number }} xaxis
 * @property {{ range?: Range, uirevision?: number }} yaxis
 * @property {CurveAxes & LiveMeta} meta
 *
 * @typedef {{ data: Curve[], layout: CurveLayout }} CurveFigure
 *
 * @typedef {object} LiveEvent a line of a run's metrics file
 * @property {string} event
 * @property {number} at
 * @property {number} [epoch]
 * @property {number} [position]
 * @property {string} [text] what stands at the mark of a changed learning rate
 * @property {number | null} [validation_loss]
 */

/**
 * The only point of a curve that has none: Plotly draws nothing there, and has the curve in the legend.
 *
 * @type {any}
 */
const NONE = null;

/**
 * A list, so that what Plotly made of it can be written on.
 *
 * @param {Curve} curve
 */
function makeWritable(curve) {
  curve.x = Array.from(curve.x);
  curve.y = Array.from(curve.y);
}

/**
 * Take all points and marks out of a figure.
 *
 * @param {CurveFigure} figure
 */
export function empty(figure) {
  for (const curve of figure.data) {
    const { begin, event } = curve.meta;
    if (event !== "none") [curve.x, curve.y] = begin === undefined ? [[NONE], [NONE]] : [[0], [begin]];
  }
  figure.layout.shapes = [];
  const guess = figure.layout.annotations?.filter((note) => note.name === "guess") ?? [];
  figure.layout.annotations = [...guess, figure.layout.meta.begins];
  figure.layout.meta.best = null;
}

/**
 * Draw what events add into a figure.
 *
 * @param {CurveFigure} figure
 * @param {LiveEvent[]} events in their order
 */
export function add(figure, events) {
  figure.data.forEach(makeWritable);
  // What is empty is left out of a figure's JSON.
  figure.layout.shapes ??= [];
  figure.layout.annotations ??= [];
  figure.layout.meta.best ??= null;
  for (const event of events) {
    if (event.event === "rate") mark(figure, event);
    else if (event.event === "batch" || event.event === "epoch") addPoints(figure, event);
  }
  for (const curve of figure.data) if (curve.meta.event === "batch") thin(curve, figure.layout.meta.points);
}

/**
 * @param {CurveFigure} figure
 * @param {LiveEvent} event
 */
function addPoints({ data, layout }, event) {
  layout.annotations = layout.annotations.filter((note) => note.name !== "begins");
  layout.meta.newest = Math.max(layout.meta.newest, event.at);
  const loss = event.event === "epoch" ? event.validation_loss ?? null : null;
  const isBest = loss !== null && (layout.meta.best === null || loss < layout.meta.best);
  if (isBest) layout.meta.best = loss;
  for (const curve of data) {
    const { meta } = curve;
    const value = /** @type {{ [name: string]: unknown }} */ (/** @type {unknown} */ (event))[meta.value];
    if (typeof value !== "number") continue;
    const place = /** @type {number} */ (event.event === "batch" ? event.position : event.epoch);
    if ((meta.event === "best" && isBest) || isAwaited(curve)) [curve.x, curve.y] = [[], []];
    if (meta.event === event.event || (meta.event === "best" && isBest)) {
      curve.x.push(place);
      curve.y.push(meta.scale * value);
    }
  }
}

/**
 * Whether a curve is only in the legend yet.
 *
 * @param {Curve} curve
 */
const isAwaited = ({ x }) => x[0] === NONE;

/**
 * @param {CurveFigure} figure
 * @param {LiveEvent} event
 */
function mark({ layout }, event) {
  const { shape, annotation } = layout.meta.rate;
  layout.shapes.push({ ...shape, x0: event.position, x1: event.position });
  layout.annotations.push({ ...annotation, x: event.position, text: event.text });
}

/**
 * Leave out every second point once there are twice as many as are drawn; the newest stays.
 *
 * @param {Curve} curve
 * @param {number} most
 */
function thin(curve, most) {
  if (curve.x.length < 2 * most) return;
  const isKept = (/** @type {unknown} */ _, /** @type {number} */ index) =>
    index === 0 || (curve.x.length - 1 - index) % 2 === 0;
  [curve.x, curve.y] = [curve.x.filter(isKept), curve.y.filter(isKept)];
}

/**
 * How many points a curve has since it began at a guess.
 *
 * @param {CurveFigure} figure
 */
export const pointsOf = ({ data }) =>
  Math.max(...data.map(({ x, meta }) => (meta.event === "batch" ? x.length - 1 : 0)));

/**
 * The ranges of the axes: that of the epochs grows with the training, that of the accuracy shows its
 * upper half once the curve is there, and from then on.
 *
 * @param {CurveFigure} figure
 * @param {boolean} mayClose whether that half may be shown
 * @returns {{ x: Range, y: Range | undefined }}
 */
export function axesOf({ data, layout }, mayClose = true) {
  const { ends, margin, close } = layout.meta;
  const curves = data.filter(({ meta }) => meta.event !== "none");
  const reached = Math.max(0, ...curves.map(({ x }) => x[x.length - 1] ?? 0));
  const end = ends.find((one) => one >= reached) ?? ends[ends.length - 1];
  if (close && mayClose) close.is ||= curves.some(({ y }) => y.some((height) => height >= close.from));
  return { x: [0, (1 + margin) * end], y: close ? (close.is && mayClose ? close.range : close.whole) : undefined };
}
