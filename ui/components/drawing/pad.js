import { element } from "../elements.js";
import { paintGrey } from "../image_canvas.js";
import { SIDE } from "./strokes.js";

/**
 * The area that is drawn on, with mouse, pen, finger or keys. It does not scroll the page.
 *
 * @typedef {import("./strokes.js").Point} Point
 *
 * @typedef {object} Hand what the pad tells of
 * @property {(at: Point) => void} begin
 * @property {(to: Point) => void} move
 * @property {() => void} end
 *
 * @typedef {object} Pad
 * @property {HTMLElement} root
 * @property {HTMLCanvasElement} over lies over the image and lets everything through
 * @property {(pixels: Float32Array) => void} show
 * @property {(sentence: string) => void} hint what is said where nothing is drawn; may be empty
 */

/** @type {{ [key: string]: Point }} */
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const HELP = "Arrow keys move the brush, the space bar puts it down and lifts it.";

/**
 * @param {Element} place
 * @param {string} label what a screen reader says it is
 * @param {Hand} hand
 * @returns {Pad}
 */
export function drawingPad(place, label, hand) {
  const root = element("div", "fm-pad", place);
  const canvas = element("canvas", "fm-pad-image", root);
  const over = element("canvas", "fm-pad-over", root);
  const hint = element("p", "fm-pad-hint", root);
  const cursor = element("i", "fm-pad-cursor", root);
  root.tabIndex = 0;
  root.setAttribute("role", "application");
  root.setAttribute("aria-label", `${label}. ${HELP}`);
  root.setAttribute("aria-roledescription", "drawing area");
  listen(root, hand, cursor);
  return {
    root,
    over,
    show: (pixels) => paintGrey(canvas, pixels, SIDE),
    hint: (sentence) => {
      hint.textContent = sentence;
    },
  };
}

/**
 * @param {HTMLElement} root
 * @param {Hand} hand
 * @param {HTMLElement} cursor
 */
function listen(root, hand, cursor) {
  /** @type {number | null} */
  let pointer = null;
  /** @type {(event: PointerEvent) => Point} */
  const pointOf = (event) => {
    const box = root.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE];
  };
  root.addEventListener("pointerdown", (event) => {
    // A second finger rests on it while the first one draws.
    if (pointer !== null || event.button !== 0) return;
    pointer = event.pointerId;
    root.setPointerCapture(pointer);
    hand.begin(pointOf(event));
  });
  root.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    // A quick hand moves several times within a frame.
    const moves = event.getCoalescedEvents?.() ?? [];
    for (const move of moves.length ? moves : [event]) hand.move(pointOf(move));
  });
  const end = (/** @type {PointerEvent} */ event) => {
    if (event.pointerId !== pointer) return;
    pointer = null;
    hand.end();
  };
  root.addEventListener("pointerup", end);
  root.addEventListener("pointercancel", end);
  listenToKeys(root, hand, cursor);
}

/**
 * @param {HTMLElement} root
 * @param {Hand} hand
 * @param {HTMLElement} cursor
 */
function listenToKeys(root, hand, cursor) {
  /** @type {Point} */
  let at = [SIDE / 2, SIDE / 2];
  let down = false;
  const show = () => {
    root.classList.add("fm-pad-by-keys");
    root.classList.toggle("fm-pad-down", down);
    cursor.style.left = `${(100 * at[0]) / SIDE}%`;
    cursor.style.top = `${(100 * at[1]) / SIDE}%`;
  };
  const lift = () => {
    if (down) hand.end();
    down = false;
    root.classList.remove("fm-pad-down");
  };
  root.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if ((!step && event.key !== " ") || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (!step && event.repeat) return;
    if (step) {
      at = [Math.min(SIDE, Math.max(0, at[0] + step[0])), Math.min(SIDE, Math.max(0, at[1] + step[1]))];
      if (down) hand.move(at);
    } else if (down) lift();
    else {
      down = true;
      hand.begin(at);
    }
    show();
  });
  root.addEventListener("pointerdown", () => {
    lift();
    root.classList.remove("fm-pad-by-keys");
  }, true);
  root.addEventListener("blur", () => {
    lift();
    root.classList.remove("fm-pad-by-keys");
  });
}
