import { actOf } from "./acts.js";
import { answerCards } from "./drawing/answers.js";
import { changed, fitted, inkOf, UNCHANGED } from "./drawing/changes.js";
import { pixelsOf, textOf } from "./drawing/image_text.js";
import { drawingPad } from "./drawing/pad.js";
import { changeSliders } from "./drawing/sliders.js";
import { fixIt } from "./drawing/fix.js";
import { datasetSource } from "./drawing/dataset_source.js";
import { beginStroke, drawn, goOn, SIDE } from "./drawing/strokes.js";
import { copyOf, emptyWork, keptText, keptWork } from "./drawing/work.js";
import { photoTool } from "./photo/photo_tool.js";
import { copy } from "./clipboard.js";
import { button, element, onceGone } from "./elements.js";
import { paintGrey } from "./image_canvas.js";
import { keepInTab, keptInTab } from "./tab_storage.js";

/**
 * @typedef {import("./drawing/strokes.js").Stroke} Stroke
 * @typedef {import("./drawing/strokes.js").Point} Point
 * @typedef {import("./drawing/answer_card.js").NetworkData} NetworkData
 * @typedef {import("./drawing/dataset_source.js").Picture} Picture
 * @typedef {import("./drawing/work.js").Source} Source
 *
 * @typedef {object} Start what the address says is in hand
 * @property {string} key another one each time the visitor goes to another address
 * @property {string} pixels as text; empty where none are given
 * @property {string} picture such as "test-17"; empty where none is given
 *
 * @typedef {object} Data
 * @property {NetworkData[]} networks
 * @property {string[]} classes
 * @property {import("./drawing/answers.js").Words["likeness"]} likeness
 * @property {string} prototypes
 * @property {string[]} nouns of the classes, such as "a coat"
 * @property {string} pixels the folder of single images, from "/" on
 * @property {{ [split: string]: number }} sizes how many images each split has
 * @property {number[]} wrong test images that the first network gets wrong
 * @property {string} page the address of this page, from "/" on, with the networks in it
 * @property {Start} start
 * @property {number} seen the count of the newest act that was carried out
 *
 * @typedef {"brush" | "rubber" | "move"} Tool
 */

const FEWEST_INKED = 12;
const MOST_UNDONE = 60;
const KEPT = "fm-try";
const WIDTHS = [1, 9];
/** @type {[tool: Tool, words: string][]} */
const TOOLS = [["brush", "Brush"], ["rubber", "Rubber"], ["move", "Move"]];
/** @type {[source: Source, words: string][]} */
const SOURCES = [["draw", "Draw"], ["photo", "Photo"], ["dataset", "A picture of the dataset"]];
const NO_LINK = "A photo has no link: its pixels would leave this browser.";
const HINT = "Draw something to wear, with mouse, pen or finger: a trouser, a shoe, a bag.";

/**
 * A group of buttons of which one is pressed.
 *
 * @template {string} Option
 * @param {Element} place
 * @param {string} label
 * @param {[option: Option, words: string][]} options
 * @param {(option: Option) => void} onChoose
 */
function choice(place, label, options, onChoose) {
  const root = element("div", "fm-try-choice", place);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", label);
  const buttons = options.map(([option, words]) => {
    const made = button(root, words);
    made.onclick = () => onChoose(option);
    return { option, made };
  });
  return (/** @type {Option} */ chosen) => {
    for (const { option, made } of buttons) made.setAttribute("aria-pressed", String(option === chosen));
  };
}

/** @type {(place: Element, words: string, range: [lowest: number, highest: number, step: number]) => HTMLInputElement} */
function slider(place, words, [lowest, highest, step]) {
  const label = element("label", "", place);
  element("span", "", label).textContent = words;
  const made = element("input", "", label);
  Object.assign(made, { type: "range", min: lowest, max: highest, step });
  return made;
}

/** @typedef {ReturnType<typeof build>} Desk */

/**
 * @param {Element} place
 * @param {Data} first
 * @param {(id: string) => void} onRemove
 */
function build(place, first, onRemove) {
  /** @type {Data} */
  let data = first;
  let work = emptyWork();
  /** @type {import("./drawing/work.js").Work[]} */
  const past = [];
  const brush = { tool: /** @type {Tool} */ ("brush"), width: 4, shade: 255 };
  /** @type {Stroke | null} */
  let stroke = null;
  /** @type {{ from: Point, right: number, down: number } | null} */
  let drag = null;
  let frame = 0, given = work.base, key = "";

  const root = element("div", "fm-try", place);
  const head = element("div", "fm-try-source", root);
  const showSource = choice(head, "What to try", SOURCES, (source) => {
    work.source = source;
    if (source === "dataset" && !work.picture) dataset.shuffle();
    update();
  });
  const dataset = datasetSource(head, first, take);
  const photo = photoTool(head, (pixels) => {
    remember("change");
    hold({ ...emptyWork(), base: whole(pixels), source: "photo", isPhoto: true, fits: false });
  });
  const desk = element("div", "fm-try-pad", root);
  const pad = drawingPad(desk, "Your picture, 28 by 28 pixels", { begin, move, end });
  const below = element("div", "fm-try-below", desk);
  const fit = element("label", "fm-try-fit", below);
  const fits = element("input", "", fit);
  fits.type = "checkbox";
  fits.onchange = () => {
    work.fits = fits.checked;
    update();
  };
  element("span", "", fit).textContent = "Centred and as large as fits, like every picture of the dataset";
  const thumbnail = element("canvas", "", element("span", "fm-try-given", below));
  thumbnail.setAttribute("role", "img");
  thumbnail.setAttribute("aria-label", "What the networks get");

  const bar = element("div", "fm-try-bar", root);
  const showTool = choice(bar, "Tool", TOOLS, (tool) => {
    brush.tool = tool;
    update();
  });
  const acts = element("div", "fm-try-acts", bar);
  const undo = button(acts, "Undo"), clear = button(acts, "Clear");
  const tools = element("div", "fm-try-tools", root);
  const width = slider(tools, "Width", [WIDTHS[0], WIDTHS[1], 1]);
  width.oninput = () => {
    brush.width = Number(width.value);
  };
  const shade = slider(tools, "Shade", [55, 255, 20]);
  shade.oninput = () => {
    brush.shade = Number(shade.value);
  };
  undo.onclick = takeBack;
  clear.onclick = () => {
    remember();
    photo.clear();
    hold(emptyWork());
  };
  const where = button(tools, "Where they look");
  where.onclick = () => {
    const wanted = where.getAttribute("aria-pressed") !== "true";
    where.setAttribute("aria-pressed", String(wanted));
    answers.explain(wanted);
  };
  where.setAttribute("aria-pressed", "false");

  const fix = fixIt(desk, pad.over, first, (pixels) => {
    remember();
    hold({ ...work, base: pixels, changes: { ...UNCHANGED }, fits: false });
  });
  const answers = answerCards(root, first, compare, onRemove);
  const changes = changeSliders(root, (change) => {
    remember("change");
    work.changes = { ...work.changes, ...change };
    later();
  }, () => {
    remember();
    work.changes = { ...UNCHANGED };
    update();
  });
  const keep = element("div", "fm-try-keep", root);
  const link = button(keep, "Copy its link"), save = button(keep, "Save as PNG");
  const told = element("span", "fm-try-told", keep);
  told.setAttribute("role", "status");
  link.onclick = async () => {
    const url = new URL(`${data.page}&pixels=${textOf(given)}`, document.location.href).href;
    told.textContent = await copy(url) ? "Link copied." : "The link could not be copied.";
  };
  save.onclick = () => void savePng(given);
  root.addEventListener("keydown", (event) => {
    const field = /** @type {HTMLElement} */ (event.target).closest("input[type=number]");
    if (field || event.key !== "z" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    takeBack();
  });

  let rememberedChange = 0;
  /** @param {"" | "change"} [kind] a slider that moves is one act, until it rests */
  function remember(kind = "") {
    const time = performance.now();
    const goesOn = kind === "change" && time - rememberedChange < 800;
    rememberedChange = kind === "change" ? time : 0;
    if (goesOn) return;
    past.push(copyOf(work));
    if (past.length > MOST_UNDONE) past.shift();
  }

  function takeBack() {
    const before = past.pop();
    if (before) hold(before);
  }

  /**
   * Have something else in hand: a stroke and a picture on its way were meant for what was there.
   *
   * @param {import("./drawing/work.js").Work} next
   */
  function hold(next) {
    stroke = drag = null;
    dataset.forget();
    work = next;
    update();
  }

  /** @returns {Float32Array} what is on the pad */
  function now() {
    return changed(stroke ? drawn(stroke) : work.base, work.changes);
  }

  /** @param {Point} at */
  function begin(at) {
    remember();
    dataset.forget();
    if (brush.tool === "move") {
      drag = { from: at, right: work.changes.right, down: work.changes.down };
      return;
    }
    // What is drawn now lies over all changes so far.
    work = { ...work, base: now(), changes: { ...UNCHANGED } };
    const radius = brush.width === WIDTHS[0] ? 0 : brush.width / 2 - 0.5;
    stroke = beginStroke(work.base, at, radius, brush.tool === "rubber" ? 0 : brush.shade);
    later();
  }

  /** @param {Point} to */
  function move(to) {
    if (drag) {
      work.changes = {
        ...work.changes, right: within(drag.right + to[0] - drag.from[0]), down: within(drag.down + to[1] - drag.from[1]),
      };
    } else if (stroke) goOn(stroke, to);
    later();
  }

  function end() {
    if (stroke) work = { ...work, base: whole(drawn(stroke)) };
    stroke = drag = null;
    update();
  }

  /** @param {Picture} picture of the dataset, from now on in hand */
  function take(picture) {
    remember();
    hold({ ...emptyWork(), base: picture.pixels, picture, source: "dataset", fits: false });
  }

  // When networks have answered.
  function compare() {
    fix.show({ picture: work.picture, pixels: given }, answers.cards());
  }

  // A hand moves more often than the screen is drawn.
  function later() {
    frame ||= requestAnimationFrame(() => update());
  }

  function update() {
    cancelAnimationFrame(frame);
    frame = 0;
    const shown = now();
    given = whole(work.fits ? fitted(shown) : shown);
    const isEmpty = inkOf(shown) < FEWEST_INKED;
    pad.show(shown);
    pad.hint(isEmpty && !stroke ? HINT : "");
    pad.root.dataset.tool = brush.tool;
    paintGrey(thumbnail, given, SIDE);
    fits.checked = work.fits;
    showSource(work.source);
    showTool(brush.tool);
    photo.root.hidden = work.source !== "photo";
    dataset.show(work.source === "dataset", work.picture, data.wrong);
    width.value = String(brush.width);
    shade.value = String(brush.shade);
    undo.disabled = !past.length;
    changes.show(work.changes);
    link.hidden = work.isPhoto;
    if (work.isPhoto) told.textContent = NO_LINK;
    else if (told.textContent === NO_LINK) told.textContent = "";
    answers.show({
      pixels: isEmpty ? null : given, truth: work.picture?.label ?? null, text: textOf(given), isPhoto: work.isPhoto,
    });
    compare();
    if (key && !stroke && !drag) keepInTab(KEPT, keptText(work, key));
  }

  return {
    root,
    /** @param {Data} next */
    use: (next) => {
      data = next;
      answers.use(data.networks);
      update();
    },
    /** @param {Start} start */
    begin: (start) => {
      key = start.key;
      past.length = 0;
      photo.clear();
      const kept = keptWork(keptInTab(KEPT), key);
      const pixels = pixelsOf(start.pixels);
      hold(kept ?? (pixels ? { ...emptyWork(), base: pixels, fits: false } : emptyWork()));
      if (!kept && start.picture) void dataset.open(start.picture);
    },
    close: () => {
      cancelAnimationFrame(frame);
      photo.close();
      fix.close();
      dataset.close();
      answers.close();
    },
  };
}

/**
 * As a file and an address hold them, so that the answers stay the same there.
 *
 * @param {Float32Array} pixels
 */
const whole = (pixels) => pixels.map(Math.round);

/** @param {number} shift in pixels, whole and not farther than a slider goes */
const within = (shift) => Math.round(Math.min(SIDE / 2, Math.max(-SIDE / 2, shift)));

/**
 * Save an image as a file of 28 × 28 pixels.
 *
 * @param {Float32Array} pixels
 */
async function savePng(pixels) {
  const canvas = element("canvas", "");
  paintGrey(canvas, pixels, SIDE);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  const link = element("a", "");
  link.href = URL.createObjectURL(blob);
  link.download = "my-picture.png";
  link.click();
  URL.revokeObjectURL(link.href);
}

/** @type {WeakMap<HTMLElement, { desk: Desk, key: string, argument: ComponentArgument<Data> }>} */
const desks = new WeakMap();

/** @param {ComponentArgument<Data>} argument */
export default function (argument) {
  const { data, parentElement } = argument;
  let known = desks.get(parentElement);
  if (!known) {
    /** @param {string} id */
    const remove = (id) => {
      const newest = /** @type {NonNullable<typeof known>} */ (desks.get(parentElement)).argument;
      newest.setStateValue("removed", actOf(newest.data.seen, id));
    };
    known = { desk: build(parentElement, data, remove), key: "", argument };
    desks.set(parentElement, known);
  }
  known.argument = argument;
  const { desk } = known;
  desk.use(data);
  if (known.key !== data.start.key) {
    known.key = data.start.key;
    desk.begin(data.start);
  }
  return onceGone(parentElement, () => {
    desk.close();
    desks.delete(parentElement);
  });
}
