import { element } from "../elements.js";

/**
 * A frame over a photo: dragged with mouse, pen or finger, its edges moved by keys.
 *
 * @typedef {object} Frame shares of the photo, from 0 to 1
 * @property {number} left
 * @property {number} top
 * @property {number} right
 * @property {number} bottom
 *
 * @typedef {keyof Frame} Edge
 *
 * @typedef {object} FrameTool
 * @property {HTMLElement} root lies over the photo, as large as it
 * @property {(frame: Frame) => void} show
 */

/** @type {Frame} */
export const WHOLE = { left: 0, top: 0, right: 1, bottom: 1 };
// Narrower no frame becomes.
export const LEAST = 0.08;
// Nearer to an edge one takes hold of it; a finger is less exact.
const GRIP_PX = { mouse: 10, touch: 22 };
/** @type {[edge: Edge, words: string, orientation: string][]} */
const EDGES = [
  ["left", "Left edge of the frame", "horizontal"],
  ["top", "Upper edge of the frame", "vertical"],
  ["right", "Right edge of the frame", "horizontal"],
  ["bottom", "Lower edge of the frame", "vertical"],
];
const SMALL_STEP = 0.01, LARGE_STEP = 0.1;
/** @type {{ [key: string]: number }} */
const STEPS = {
  ArrowLeft: -SMALL_STEP, ArrowUp: -SMALL_STEP, ArrowRight: SMALL_STEP, ArrowDown: SMALL_STEP,
  PageUp: -LARGE_STEP, PageDown: LARGE_STEP, Home: -1, End: 1,
};

/** @param {Frame} frame */
export const isWhole = (frame) => EDGES.every(([edge]) => frame[edge] === WHOLE[edge]);

/**
 * @param {Element} place gets it over its content
 * @param {(frame: Frame) => void} onChange
 * @returns {FrameTool}
 */
export function frameTool(place, onChange) {
  let frame = WHOLE;
  const root = element("div", "fm-photo-frame", place);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Frame around the garment");
  const lines = element("div", "fm-photo-frame-lines", root);
  const handles = EDGES.map(([edge, words, orientation]) => {
    const handle = element("div", `fm-photo-edge fm-photo-edge-${edge}`, lines);
    handle.tabIndex = 0;
    handle.setAttribute("role", "slider");
    handle.setAttribute("aria-label", words);
    handle.setAttribute("aria-orientation", orientation);
    handle.setAttribute("aria-valuemin", "0");
    handle.setAttribute("aria-valuemax", "100");
    handle.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      change(moveEdges(frame, [edge], step, step));
    });
    return { edge, handle };
  });

  /** @param {Frame} shown */
  const show = (shown) => {
    frame = shown;
    root.classList.toggle("fm-photo-frame-whole", isWhole(frame));
    for (const { edge, handle } of handles) {
      lines.style.setProperty(edge, `${100 * (edge === "left" || edge === "top" ? frame[edge] : 1 - frame[edge])}%`);
      handle.setAttribute("aria-valuenow", String(Math.round(100 * frame[edge])));
      handle.setAttribute("aria-valuetext", `${Math.round(100 * frame[edge])} %`);
    }
  };

  /** @param {Frame} changed */
  const change = (changed) => {
    show(changed);
    onChange(changed);
  };

  listen(root, () => frame, change);
  show(WHOLE);
  return { root, show };
}

/**
 * @param {HTMLElement} root
 * @param {() => Frame} current
 * @param {(frame: Frame) => void} change
 */
function listen(root, current, change) {
  /** @type {{ pointer: number, right: number, down: number, take: (right: number, down: number) => Frame } | null} */
  let drag = null;
  /** @type {(event: PointerEvent) => { right: number, down: number, grip: [number, number] }} */
  const placeOf = (event) => {
    const { left, top, width, height } = root.getBoundingClientRect();
    const grip = event.pointerType === "mouse" ? GRIP_PX.mouse : GRIP_PX.touch;
    return {
      right: (event.clientX - left) / width,
      down: (event.clientY - top) / height,
      grip: [grip / width, grip / height],
    };
  };
  root.addEventListener("pointerdown", (event) => {
    if (drag || event.button !== 0) return;
    const { right, down, grip } = placeOf(event);
    const before = current();
    const edges = edgesAt(before, right, down, grip);
    const isIn = right > before.left && right < before.right && down > before.top && down < before.bottom;
    root.setPointerCapture(event.pointerId);
    drag = {
      pointer: event.pointerId, right, down,
      take: edges.length ? (byRight, byDown) => moveEdges(before, edges, byRight, byDown)
        : isIn && !isWhole(before) ? (byRight, byDown) => moveFrame(before, byRight, byDown)
          : (byRight, byDown) => span(right, down, right + byRight, down + byDown),
    };
  });
  root.addEventListener("pointermove", (event) => {
    const { right, down, grip } = placeOf(event);
    if (!drag) root.style.cursor = cursorAt(current(), edgesAt(current(), right, down, grip), right, down);
    // What moves less is a click.
    if (event.pointerId !== drag?.pointer || Math.hypot(right - drag.right, down - drag.down) < SMALL_STEP) return;
    change(drag.take(right - drag.right, down - drag.down));
  });
  const end = (/** @type {PointerEvent} */ event) => {
    if (event.pointerId === drag?.pointer) drag = null;
  };
  root.addEventListener("pointerup", end);
  root.addEventListener("pointercancel", end);
}

/** @param {number} share */
const within = (share) => Math.min(1, Math.max(0, share));

/**
 * The edges near a place: one, or two at a corner.
 *
 * @param {Frame} frame
 * @param {number} right
 * @param {number} down
 * @param {[number, number]} grip how near, sideways and up and down
 * @returns {Edge[]}
 */
export function edgesAt(frame, right, down, [sideways, upright]) {
  const isBeside = right > frame.left - sideways && right < frame.right + sideways;
  const isLevel = down > frame.top - upright && down < frame.bottom + upright;
  if (!isBeside || !isLevel) return [];
  /** @type {[edge: Edge, distance: number, grip: number][]} */
  const distances = [
    ["left", Math.abs(right - frame.left), sideways],
    ["right", Math.abs(right - frame.right), sideways],
    ["top", Math.abs(down - frame.top), upright],
    ["bottom", Math.abs(down - frame.bottom), upright],
  ];
  return distances.filter(([, distance, grip]) => distance < grip).map(([edge]) => edge);
}

/** @type {(frame: Frame, edges: Edge[], right: number, down: number) => string} */
function cursorAt(frame, edges, right, down) {
  if (edges.length > 1) return edges.includes("left") === edges.includes("top") ? "nwse-resize" : "nesw-resize";
  if (edges.length) return edges[0] === "left" || edges[0] === "right" ? "ew-resize" : "ns-resize";
  const isIn = right > frame.left && right < frame.right && down > frame.top && down < frame.bottom;
  return isIn && !isWhole(frame) ? "move" : "crosshair";
}

/**
 * @param {Frame} frame
 * @param {Edge[]} edges
 * @param {number} right by how much those at the sides move
 * @param {number} down by how much the others do
 * @returns {Frame} no narrower than it may be
 */
export function moveEdges(frame, edges, right, down) {
  const moved = { ...frame };
  for (const edge of edges) {
    if (edge === "left") moved.left = within(Math.min(frame.left + right, frame.right - LEAST));
    else if (edge === "right") moved.right = within(Math.max(frame.right + right, frame.left + LEAST));
    else if (edge === "top") moved.top = within(Math.min(frame.top + down, frame.bottom - LEAST));
    else moved.bottom = within(Math.max(frame.bottom + down, frame.top + LEAST));
  }
  return moved;
}

/**
 * @param {Frame} frame
 * @param {number} right
 * @param {number} down
 * @returns {Frame} as large, and within the photo
 */
export function moveFrame(frame, right, down) {
  const byRight = Math.min(1 - frame.right, Math.max(-frame.left, right));
  const byDown = Math.min(1 - frame.bottom, Math.max(-frame.top, down));
  return {
    left: frame.left + byRight, right: frame.right + byRight, top: frame.top + byDown, bottom: frame.bottom + byDown,
  };
}

/**
 * The frame between two corners, whichever is which.
 *
 * @param {number} right
 * @param {number} down
 * @param {number} otherRight
 * @param {number} otherDown
 * @returns {Frame} no narrower than it may be
 */
export function span(right, down, otherRight, otherDown) {
  const [left, top] = [Math.min(right, otherRight), Math.min(down, otherDown)]
    .map((share) => Math.min(1 - LEAST, within(share)));
  return {
    left, top,
    right: within(Math.max(left + LEAST, right, otherRight)),
    bottom: within(Math.max(top + LEAST, down, otherDown)),
  };
}
