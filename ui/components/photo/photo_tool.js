import { element } from "../elements.js";
import { paintGrey } from "../image_canvas.js";
import { frameTool, isWhole, WHOLE } from "./frame.js";
import { PhotoRefused } from "./header.js";
import { thin } from "./planes.js";
import { prepare } from "./prepare.js";
import { readPhoto } from "./read.js";

/**
 * A photo as the picture in hand: taken, chosen, dropped or pasted, and made into one as the dataset has
 * them, each step on the screen.
 *
 * @typedef {import("./read.js").Photo} Photo
 * @typedef {import("./planes.js").Plane} Plane
 * @typedef {import("./prepare.js").Prepared} Prepared
 * @typedef {import("./frame.js").Frame} Frame
 *
 * @typedef {object} PhotoTool
 * @property {HTMLElement} root
 * @property {() => void} clear forgets the photo
 * @property {() => void} close lets go of the page, for good
 *
 * @typedef {object} Guess what the visitor has set; the rest is guessed
 * @property {Frame} frame
 * @property {number} [threshold]
 * @property {boolean} [isInverted]
 */

const PRIVATE = "Your photo stays in this browser: it is never sent.";
const NOTHING = "Nothing stands out from the background. Lower the threshold, or draw a frame around the garment.";
const HELP = "Not quite? Draw a frame around the garment on your photo, or move the threshold.";
const UNKNOWN = "This picture could not be opened in this browser. Another one may work.";
// A step is shown no larger.
const SHOWN_SIDE = 240;

/**
 * @param {Element} place gets it as its last part
 * @param {(pixels: Float32Array) => void} onPixels gets 784 values from 0 to 255 with each change
 * @returns {PhotoTool}
 */
export function photoTool(place, onPixels) {
  const root = element("section", "fm-photo", place);
  root.setAttribute("aria-label", "A photo of your own");
  const refused = element("p", "fm-photo-refused");
  refused.setAttribute("role", "alert");
  const { drop, told } = buildDrop(root, take);
  root.append(refused);
  const work = element("div", "fm-photo-work", root);
  work.hidden = true;
  const steps = buildSteps(work, (frame) => set({ frame }));
  const controls = buildControls(work, set, () => set({ frame: WHOLE, threshold: undefined, isInverted: undefined }));

  /** @type {Photo | null} */
  let photo = null;
  /** @type {Guess} */
  let guess = { frame: WHOLE };
  // Of files that are read at once the newest counts.
  let newest = 0;
  let scheduled = 0;

  /** @param {Partial<Guess>} changes */
  function set(changes) {
    guess = { ...guess, ...changes };
    scheduled ||= requestAnimationFrame(update);
  }

  function update() {
    scheduled = 0;
    if (!photo) return;
    const { frame, threshold, isInverted } = guess;
    const box = isWhole(frame) ? undefined : boxOf(frame, photo);
    const prepared = prepare(photo, { frame: box, threshold, isInverted });
    steps.show(prepared, frame);
    controls.show(prepared, guess);
    told.textContent = prepared.box ? "" : NOTHING;
    onPixels(prepared.small.values.slice());
  }

  /** @param {File} file */
  async function take(file) {
    newest += 1;
    const number = newest;
    refused.textContent = "";
    root.setAttribute("aria-busy", "true");
    try {
      const read = await readPhoto(file);
      if (number !== newest) return;
      photo = read;
      guess = { frame: WHOLE };
      work.hidden = false;
      drop.classList.add("fm-photo-small");
      steps.begin(photo);
      update();
    } catch (error) {
      if (number !== newest) return;
      if (!(error instanceof PhotoRefused)) console.warn("a photo could not be opened", error);
      refused.textContent = error instanceof PhotoRefused ? error.message : UNKNOWN;
    } finally {
      if (number === newest) root.removeAttribute("aria-busy");
    }
  }

  function clear() {
    newest += 1;
    photo = null;
    guess = { frame: WHOLE };
    work.hidden = true;
    refused.textContent = told.textContent = "";
    root.removeAttribute("aria-busy");
    drop.classList.remove("fm-photo-small");
    steps.clear();
  }

  const close = listenToPage(root, drop, take);
  return { root, clear, close };
}

/**
 * @param {Element} root
 * @param {(file: File) => void} take
 */
function buildDrop(root, take) {
  const drop = element("div", "fm-photo-drop", root);
  const hint = element("p", "fm-photo-hint", drop);
  const buttons = element("div", "fm-photo-buttons", drop);
  // Without a touch screen there is hardly a camera that a browser would open.
  const hasCamera = matchMedia("(any-pointer: coarse)").matches;
  hint.textContent = `${hasCamera ? "" : "Drop or paste a picture here, or choose one. "}`
    + "One piece on a plain background works best; shoes from the side, toes to the left.";
  if (hasCamera) fileButton(buttons, "Take a photo", true, take).classList.add("fm-primary");
  fileButton(buttons, "Choose a picture", false, take).classList.toggle("fm-primary", !hasCamera);
  element("p", "fm-photo-private", drop).textContent = PRIVATE;
  const told = element("p", "fm-photo-told", root);
  told.setAttribute("role", "status");
  return { drop, told };
}

/**
 * @param {Element} place
 * @param {string} words
 * @param {boolean} opensCamera
 * @param {(file: File) => void} take
 */
function fileButton(place, words, opensCamera, take) {
  const button = element("button", "fm-button", place);
  button.type = "button";
  button.textContent = words;
  const input = element("input", "", place);
  input.type = "file";
  input.accept = "image/*";
  input.hidden = true;
  if (opensCamera) input.setAttribute("capture", "environment");
  button.onclick = () => input.click();
  input.onchange = () => {
    const file = input.files?.[0];
    // So that the same file can be chosen again.
    input.value = "";
    if (file) take(file);
  };
  return button;
}

/**
 * Take what is dropped or pasted anywhere on the page, as long as the tool is to be seen.
 *
 * @param {HTMLElement} root
 * @param {Element} drop shows where a file lands
 * @param {(file: File) => void} take
 * @returns {() => void} ends it
 */
function listenToPage(root, drop, take) {
  const ends = new AbortController();
  const isShown = () => root.isConnected && root.getClientRects().length > 0;
  /** @type {(name: "dragover" | "dragleave" | "drop" | "paste", act: (event: any) => void) => void} */
  const on = (name, act) => document.addEventListener(name, (event) => {
    if (isShown()) act(event);
  }, { signal: ends.signal });
  const over = (/** @type {boolean} */ isOver) => drop.classList.toggle("fm-photo-over", isOver);
  on("dragover", (/** @type {DragEvent} */ event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    // Elsewhere on the page, too, the browser would leave it and open the file.
    event.preventDefault();
    over(true);
  });
  on("dragleave", (/** @type {DragEvent} */ event) => {
    if (!event.relatedTarget) over(false);
  });
  on("drop", (/** @type {DragEvent} */ event) => {
    over(false);
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    take(file);
  });
  on("paste", (/** @type {ClipboardEvent} */ event) => {
    const file = [...event.clipboardData?.files ?? []].find(({ type }) => type.startsWith("image/"));
    if (!file) return;
    event.preventDefault();
    take(file);
  });
  return () => ends.abort();
}

/** @type {[name: "grey" | "inverted" | "cleared" | "cropped" | "small", words: string][]} */
const STEPS = [
  ["grey", "Grey"],
  ["inverted", "Inverted"],
  ["cleared", "Background gone"],
  ["cropped", "Cropped"],
  ["small", "28 × 28"],
];

/**
 * @param {Element} work
 * @param {(frame: Frame) => void} onFrame
 */
function buildSteps(work, onFrame) {
  const list = element("ol", "fm-photo-steps", work);
  const first = buildStep(list, "Your photo");
  const frame = frameTool(first.image, onFrame);
  const rest = STEPS.map(([name, words]) => ({ name, words, ...buildStep(list, words) }));
  const all = [first, ...rest];
  return {
    /** @param {Photo} photo */
    begin: (photo) => {
      const { canvas } = first;
      canvas.width = photo.width;
      canvas.height = photo.height;
      const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
      const image = pen.createImageData(photo.width, photo.height);
      image.data.set(photo.data);
      pen.putImageData(image, 0, 0);
      fit(first.image, photo);
    },
    /** @type {(prepared: Prepared, shown: Frame) => void} */
    show: (prepared, shown) => {
      frame.show(shown);
      for (const { name, words, image, canvas, caption } of rest) {
        const plane = name === "small" ? prepared.small : thin(prepared[name], SHOWN_SIDE);
        paintGrey(canvas, plane.values, plane.width);
        fit(image, plane);
        caption.textContent = name === "inverted" && !prepared.isInverted ? "Bright already" : words;
      }
    },
    clear: () => {
      for (const { canvas } of all) canvas.width = canvas.height = 0;
    },
  };
}

/**
 * @param {Element} list
 * @param {string} words
 */
function buildStep(list, words) {
  const step = element("li", "", list);
  const image = element("div", "fm-photo-image", element("div", "fm-photo-square", step));
  const canvas = element("canvas", "", image);
  canvas.setAttribute("aria-hidden", "true");
  const caption = element("span", "fm-photo-caption", step);
  caption.textContent = words;
  return { image, canvas, caption };
}

/** @type {(image: HTMLElement, size: { width: number, height: number }) => void} */
function fit(image, { width, height }) {
  image.style.setProperty("--photo-ratio", String(width / height));
}

/**
 * @param {Element} work
 * @param {(changes: Partial<Guess>) => void} set
 * @param {() => void} reset
 */
function buildControls(work, set, reset) {
  const root = element("div", "fm-photo-controls", work);
  element("p", "fm-photo-help", root).textContent = HELP;
  const label = element("label", "fm-photo-threshold", root);
  element("span", "", label).textContent = "Threshold";
  const slider = element("input", "", label);
  Object.assign(slider, { type: "range", min: 1, max: 100, step: 1 });
  const figure = element("span", "fm-photo-figure", label);
  // The slider itself says it.
  figure.setAttribute("aria-hidden", "true");
  slider.oninput = () => set({ threshold: (255 * Number(slider.value)) / 100 });
  const inverts = element("label", "fm-photo-inverts", root);
  const box = element("input", "", inverts);
  box.type = "checkbox";
  box.onchange = () => set({ isInverted: box.checked });
  element("span", "", inverts).textContent = "Inverted";
  const again = element("button", "fm-button", root);
  again.type = "button";
  again.textContent = "Guess again";
  again.onclick = reset;
  return {
    /** @type {(prepared: Prepared, guess: Guess) => void} */
    show: ({ threshold, isInverted }, guess) => {
      const percent = Math.max(1, Math.round((100 * threshold) / 255));
      slider.value = String(percent);
      figure.textContent = `${percent} %`;
      slider.setAttribute("aria-valuetext", figure.textContent);
      box.checked = isInverted;
      again.disabled = isWhole(guess.frame) && guess.threshold === undefined && guess.isInverted === undefined;
    },
  };
}

/**
 * A frame in pixels of a photo: at least one each way.
 *
 * @param {Frame} frame
 * @param {Photo} photo
 */
function boxOf(frame, { width, height }) {
  const left = Math.min(width - 1, Math.round(frame.left * width));
  const top = Math.min(height - 1, Math.round(frame.top * height));
  return {
    left, top,
    right: Math.max(left + 1, Math.round(frame.right * width)),
    bottom: Math.max(top + 1, Math.round(frame.bottom * height)),
  };
}
