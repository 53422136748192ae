// What a visitor does on an image map with the mouse or with fingers.
import { redraw } from "./image_map_drawing.js";
import { readLoop, surrounds, writeLoop } from "./image_map_loop.js";
import { point, setActive, setLasso, setView, zoom } from "./image_map_state.js";
import { moved, nearest, slotAt, toWorld, zoomed } from "./image_map_view.js";

/**
 * @import { Root, State } from "./image_map_state.js"
 * @import { Point } from "./image_map_view.js"
 */

/** A press that moved less is a click, in pixels. */
const STILL = 5;
/** What one pixel of a wheel does to the logarithm of the zoom; a pinch comes with Ctrl. */
const WHEEL = { scroll: 0.0018, pinch: 0.01 };

/**
 * @param {Root} root
 * @param {HTMLCanvasElement} canvas
 */
export function listenToPointers(root, canvas) {
  /** @type {Map<number, Point>} */
  const pointers = new Map();
  canvas.onwheel = (event) => {
    // A page that is scrolled past does not get stuck here.
    if (!event.ctrlKey && !root.contains(document.activeElement)) return;
    event.preventDefault();
    const strength = event.ctrlKey ? WHEEL.pinch : WHEEL.scroll;
    zoom(root, Math.exp(-event.deltaY * strength), pointOf(canvas, event));
    point(root, null);
  };
  canvas.onpointerdown = (event) => {
    const state = root.fmState;
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    if (!pointers.size) state.moved = 0;
    pointers.set(event.pointerId, pointOf(canvas, event));
    if (pointers.size > 1) {
      // Two fingers are no tap, and who zooms goes on with one.
      state.moved = Infinity;
      setActive(root, true);
    } else if (state.lasso && state.world.isMap) {
      state.drawing = true;
      state.loop = [];
    }
  };
  canvas.onpointermove = (event) => {
    const to = pointOf(canvas, event);
    const from = pointers.get(event.pointerId);
    if (!from) {
      if (event.pointerType === "mouse") point(root, imageAt(root.fmState, to));
      return;
    }
    const others = [...pointers].filter(([id]) => id !== event.pointerId);
    drag(root, from, to, others.map(([, other]) => other), event.pointerType === "mouse");
    pointers.set(event.pointerId, to);
  };
  canvas.onpointerup = canvas.onpointercancel = (event) => {
    if (!pointers.delete(event.pointerId)) return;
    const pixel = event.type === "pointerup" ? pointOf(canvas, event) : null;
    release(root, pixel, event.pointerType === "mouse");
  };
  canvas.onpointerleave = (event) => {
    if (event.pointerType !== "mouse") return;
    if (!pointers.size && document.activeElement !== canvas) point(root, null);
  };
  // One finger scrolls the page until the map is tapped; two are the map's from the beginning.
  canvas.addEventListener(
    "touchstart",
    (event) => {
      if (event.touches.length > 1) event.preventDefault();
    },
    { passive: false },
  );
  listenElsewhere(root);
}

/**
 * A tap beside the map gives the page back to the finger.
 *
 * @param {Root} root
 */
function listenElsewhere(root) {
  root.fmElsewhere = (event) => {
    if (root.fmState.active && !root.contains(/** @type {Node} */ (event.target))) {
      setActive(root, false);
      point(root, null);
    }
  };
  document.addEventListener("pointerdown", root.fmElsewhere);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {MouseEvent} event
 * @returns {Point}
 */
function pointOf(canvas, event) {
  const box = canvas.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

/**
 * @param {State} state
 * @param {Point} pixel
 */
function imageAt({ world, view, visible }, pixel) {
  if (world.isMap) return nearest(view, world, visible, pixel);
  const slot = slotAt(view, world.sheetColumns, pixel);
  return slot === null ? null : world.order[slot] ?? null;
}

/**
 * A pressed pointer moved: it draws the line, pinches with another one, or moves the map.
 *
 * @param {Root} root
 * @param {Point} from
 * @param {Point} to
 * @param {Point[]} others where the other pressed pointers are
 * @param {boolean} isMouse
 */
function drag(root, from, to, others, isMouse) {
  const state = root.fmState;
  const by = /** @type {Point} */ ([to[0] - from[0], to[1] - from[1]]);
  state.moved += Math.hypot(...by);
  if (state.drawing) {
    state.loop.push(toWorld(state.view, to));
    redraw(root);
  } else if (others.length === 1) {
    // Each of two fingers moves the map by half, both together by all of their way.
    const view = moved(state.view, [by[0] / 2, by[1] / 2]);
    setView(root, zoomed(view, ...pinch(from, to, others[0])));
  } else if (isMouse || state.active) setView(root, moved(state.view, by));
}

/**
 * How much two fingers zoom, and around which pixel.
 *
 * @param {Point} from of the finger that moved
 * @param {Point} to
 * @param {Point} other the finger that rests
 * @returns {[factor: number, fixed: Point]}
 */
export function pinch(from, to, other) {
  /** @param {Point} finger */
  const distance = (finger) => Math.hypot(finger[0] - other[0], finger[1] - other[1]);
  const factor = distance(to) / Math.max(1, distance(from));
  return [factor, [(to[0] + other[0]) / 2, (to[1] + other[1]) / 2]];
}

/**
 * A pressed pointer has gone: the line is there, or an image is opened by a click and shown by a tap.
 *
 * @param {Root} root
 * @param {Point | null} pixel where it went up; null where the browser took it away
 * @param {boolean} isMouse
 */
function release(root, pixel, isMouse) {
  const state = root.fmState;
  if (state.drawing) {
    state.drawing = false;
    setLasso(root, false);
    const text = writeLoop(state.loop);
    if (surrounds(text)) root.fmTell("loop", text);
    else state.loop = readLoop(state.data.loop);
  } else if (state.moved < STILL && pixel) {
    const index = imageAt(state, pixel);
    if (!isMouse) {
      setActive(root, true);
      point(root, index, "finger");
    } else if (index !== null) root.fmTell("picked", state.world.numbers[index]);
  }
  redraw(root);
}
