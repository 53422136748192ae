import { actOf, isAnswer } from "./acts.js";
import { bytesOf } from "./bytes.js";
import { element, onceGone } from "./elements.js";
import { columnsOf, sideOf, spriteOffset, tileAfter } from "./gallery_layout.js";
import { observeTextScale, textScale } from "./text_scale.js";

/**
 * @typedef {object} Tile
 * @property {number} number index of the image in its split
 * @property {"train" | "test"} split
 * @property {string} label what a screen reader says
 * @property {string} caption a few words under the image
 * @property {"" | "right" | "wrong"} tone of the border
 *
 * @typedef {object} Data
 * @property {string} sprite all images in one, as a data address
 * @property {number} columns of the sprite
 * @property {number} pixels the side of an image on the screen
 * @property {number | null} selected index of the image to frame
 * @property {number | null} reveal index of the image to scroll to
 * @property {number} room the gallery is always as high as with so many images
 * @property {number} seen the count of the newest act that was carried out
 * @property {Tile[]} tiles in the order of the sprite
 *
 * @typedef {object} State
 * @property {number} count of the newest act
 * @property {number} [seen]
 * @property {number | null} selected for the visitor
 *
 * @typedef {object} Wall
 * @property {State} fmState
 * @property {number} fmPixels the side of an image where text has its usual size
 * @property {string} [fmContent] what is built, as a text
 * @property {string} [fmSheet] the address of the sprite
 * @property {HTMLCollectionOf<HTMLButtonElement>} children
 *
 * @typedef {Made<Wall>} Root
 */

const FOCUS_MILLISECONDS = 10_000;
/** What a visitor does who goes elsewhere on the page. */
const MOVES = ["wheel", "touchmove", "pointerdown", "keydown"];

/**
 * @param {Root} wall
 * @param {HTMLElement} parent
 */
function fit(wall, parent) {
  const side = sideOf(wall.fmPixels, textScale(), parent.clientWidth);
  parent.style.setProperty("--fm-side", `${side}px`);
}

/**
 * Behind a gallery whose images come and go, empty tiles keep it as high as it ever gets.
 *
 * @param {HTMLElement} parent
 * @param {number} tileCount
 */
function keepRoom(parent, tileCount) {
  const room = parent.querySelector(":scope > .fm-wall-room") ?? document.createElement("div");
  if (!tileCount) return room.remove();
  room.className = "fm-wall fm-wall-room";
  room.setAttribute("aria-hidden", "true");
  if (!room.isConnected) parent.prepend(room);
  const missing = tileCount - room.children.length;
  for (let index = 0; index < missing; index += 1) {
    element("span", "fm-picture", element("span", "fm-tile", room));
  }
}

/**
 * Images follow the text and the width that there is.
 *
 * @param {Root} wall
 * @param {HTMLElement} parent
 */
function keepFitting(wall, parent) {
  const observer = new ResizeObserver(() => fit(wall, parent));
  observeTextScale(observer, parent);
  observer.observe(parent);
}

/**
 * @param {Tile} tile
 * @param {number} index
 * @param {Data} data
 */
function tileButton(tile, index, data) {
  const button = element("button", `fm-tile ${tile.tone ? `fm-tile-${tile.tone}` : ""}`);
  button.type = "button";
  button.dataset.number = String(tile.number);
  button.dataset.split = tile.split;
  button.setAttribute("aria-label", tile.label);
  button.title = tile.label;
  const image = element("span", "fm-picture", button);
  const offsets = spriteOffset(index, data.columns);
  image.style.backgroundPosition = offsets
    .map((steps) => `calc(${-steps} * var(--fm-side))`)
    .join(" ");
  if (tile.caption) {
    const caption = element("span", "fm-caption", button);
    caption.textContent = tile.caption;
    caption.style.maxWidth = "max(var(--fm-side), 64px)";
  }
  return button;
}

/**
 * The sheet gets a short address: sixty tiles that each carry all its bytes cost a tenth of a
 * second.
 *
 * @param {Root} wall
 * @param {Data} data
 */
function showSheet(wall, data) {
  const bytes = bytesOf(data.sprite.split(",")[1]);
  const address = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
  wall.style.setProperty("--fm-sheet", `url(${address})`);
  wall.style.setProperty("--fm-sheet-width", `calc(${data.columns} * var(--fm-side))`);
  const old = wall.fmSheet;
  wall.fmSheet = address;
  if (old) URL.revokeObjectURL(old);
}

/**
 * @param {KeyboardEvent} event
 * @param {Root} wall
 */
function moveFocus(event, wall) {
  const buttons = [...wall.children];
  const index = buttons.indexOf(/** @type {HTMLButtonElement} */ (event.target));
  const columns = columnsOf(buttons.map((button) => button.offsetTop));
  const target = tileAfter(event.key, index, buttons.length, columns);
  if (target === null) return;
  event.preventDefault();
  makeTabStop(buttons[target]);
  buttons[target].focus();
}

/**
 * One stop for the Tab key; the arrow keys walk inside.
 *
 * @param {HTMLButtonElement} chosen
 */
function makeTabStop(chosen) {
  const wall = /** @type {Root} */ (chosen.parentElement);
  for (const button of wall.children) button.tabIndex = button === chosen ? 0 : -1;
}

/** @param {Root} wall */
function frameSelected(wall) {
  for (const button of wall.children) {
    const isSelected = Number(button.dataset.number) === wall.fmState.selected;
    button.setAttribute("aria-pressed", String(isSelected));
  }
}

/**
 * Where a wall appears in place of something else, what matters of it may lie out of sight.
 *
 * @param {HTMLElement} button
 */
function reveal(button) {
  if (isCutOff(button)) button.scrollIntoView({ block: "center" });
  keepInView(button);
  if (navigator.userActivation?.hasBeenActive) {
    inheritFocus(button, document.activeElement, performance.now() + FOCUS_MILLISECONDS);
  }
}

/**
 * Whether a part of an element, or of the margin that it is scrolled with, lies above or below the
 * window; of one that is higher, its middle.
 *
 * @param {HTMLElement} part
 */
function isCutOff(part) {
  const box = part.getBoundingClientRect();
  const top = box.top - (parseFloat(getComputedStyle(part).scrollMarginTop) || 0);
  const middle = (top + box.bottom) / 2;
  return box.bottom - top > window.innerHeight
    ? middle < 0 || middle > window.innerHeight
    : top < 0 || box.bottom > window.innerHeight;
}

/**
 * What comes later above a picture pushes it down, from under the window's edge too: it is brought
 * back, until the visitor moves, or leaves it.
 *
 * @param {HTMLElement} button
 */
function keepInView(button) {
  // A place on the page, however far that is scrolled.
  const placeOf = () => button.getBoundingClientRect().top - pageTop(button);
  let place = placeOf();
  const observer = new IntersectionObserver(
    () => {
      if (!button.isConnected) return end();
      if (!isCutOff(button)) return;
      const moved = Math.abs(placeOf() - place) > 1;
      // Scrolled in a way that no event tells, as a screen reader does.
      if (!moved) return end();
      button.scrollIntoView({ block: "center" });
      place = placeOf();
    },
    { threshold: [0, 0.25, 0.5, 0.75, 0.9, 1] },
  );
  const end = () => {
    observer.disconnect();
    for (const name of MOVES) window.removeEventListener(name, end, true);
  };
  for (const name of MOVES) window.addEventListener(name, end, { capture: true, passive: true });
  observer.observe(button);
}

/**
 * The top of the page that an element is scrolled with, in pixels of the window.
 *
 * @param {HTMLElement} part
 */
function pageTop(part) {
  return part.closest('[data-testid="stMainBlockContainer"]')?.getBoundingClientRect().top ?? 0;
}

/**
 * Who walks by keys goes on from there: what was opened or closed takes the focus along as it
 * goes, on a busy machine some time after this wall appeared.
 *
 * @param {HTMLElement} button
 * @param {Element | null} previous
 * @param {number} deadline
 */
function inheritFocus(button, previous, deadline) {
  const focused = document.activeElement;
  if (focused === document.body && (focused === previous || !previous?.isConnected)) {
    button.focus({ preventScroll: true });
  } else if (focused === previous && performance.now() < deadline) {
    setTimeout(() => inheritFocus(button, previous, deadline), 50);
  }
}

/** @param {ComponentArgument<Data>} argument */
export default function ({ data, parentElement, setStateValue }) {
  let wall = /** @type {Root | null} */ (
    parentElement.querySelector(":scope > .fm-wall:not(.fm-wall-room)")
  );
  const appears = !wall;
  if (!wall) {
    wall = /** @type {Root} */ (element("div", "fm-wall", parentElement));
    wall.setAttribute("role", "group");
    wall.setAttribute("aria-label", "Pictures");
    keepFitting(wall, parentElement);
  }
  keepRoom(parentElement, data.room);
  const state = (wall.fmState ??= { count: 0, selected: data.selected });
  if (isAnswer(state, data)) state.selected = data.selected;
  wall.fmPixels = data.pixels;
  fit(wall, parentElement);
  const content = JSON.stringify([data.tiles, data.sprite]);
  const isNew = wall.fmContent !== content;
  if (isNew) {
    wall.fmContent = content;
    showSheet(wall, data);
    wall.replaceChildren(...data.tiles.map((tile, index) => tileButton(tile, index, data)));
  }
  /** @param {number | null} imageIndex */
  const buttonOf = (imageIndex) =>
    [...wall.children].find((button) => Number(button.dataset.number) === imageIndex);
  const revealed = buttonOf(data.reveal);
  frameSelected(wall);
  if (isNew && wall.children.length) {
    makeTabStop(buttonOf(state.selected) ?? revealed ?? wall.children[0]);
  }
  if (appears && revealed) {
    requestAnimationFrame(() => {
      const button = buttonOf(data.reveal);
      if (button) reveal(button);
    });
  }
  wall.onclick = (event) => {
    const button = /** @type {Element} */ (event.target).closest("button");
    if (!button) return;
    makeTabStop(button);
    const imageIndex = Number(button.dataset.number);
    if (data.selected !== null) state.selected = imageIndex;
    const act = actOf(data.seen, `${button.dataset.split} ${imageIndex}`);
    state.count = act.count;
    frameSelected(wall);
    setStateValue("clicked", act);
  };
  wall.onkeydown = (event) => moveFocus(event, wall);
  return onceGone(wall, () => {
    if (!wall.fmSheet) return;
    URL.revokeObjectURL(wall.fmSheet);
    wall.fmSheet = wall.fmContent = undefined;
  });
}
