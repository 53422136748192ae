// Thousands of images on one canvas: points of a map that become images when there is room,
// or a sheet of them. World coordinates go from 0 to 1 in both directions.
/**
 * @typedef {object} Data
 * @property {string} sheet the address of one PNG that holds all images
 * @property {number} columns of that PNG
 * @property {"train" | "test"} split of the images
 * @property {string} numbers indices in the split, in the order of the PNG; uint16 in base64
 * @property {string} places twice a uint16 an image, x and y, in base64; empty: it is a sheet
 * @property {string} order of the places on the sheet, uint16 in base64; empty: that of the PNG
 * @property {string} kinds of the images, uint8 in base64
 * @property {string[]} kindNames
 * @property {string[]} colors of the kinds, as "#rrggbb"
 * @property {string[]} notes sentences that the hint at an image adds
 * @property {string} label what a screen reader says
 * @property {string} loop the line drawn around a part, as it stands in the address
 * @property {boolean} dark light clothes on a dark page, else dark ones on a light page
 * @property {string} imageGround white or black: the difference to it is shown of the images
 * @property {string} background of the canvas, as "#rrggbb"
 * @property {string} accent of what is pointed at, and of the line
 * @property {string} loopFill inside the line
 * @property {number} seen the count of the newest act that was carried out
 *
 * @typedef {[x: number, y: number]} Point
 * @typedef {CanvasRenderingContext2D} Pen
 *
 * @typedef {object} World what is shown; an image is named by its index in the PNG
 * @property {Data} data
 * @property {boolean} isMap else it is a sheet
 * @property {Uint16Array} numbers
 * @property {Uint8Array} kinds
 * @property {Float32Array} x
 * @property {Float32Array} y
 * @property {number[] | Uint16Array} order on the sheet
 * @property {number} sheetColumns
 * @property {number[]} shuffled the images of the map, in the order of their drawing
 * @property {boolean} dark
 * @property {HTMLCanvasElement | null} sheet the PNG, once it is there
 * @property {HTMLCanvasElement | null} page the PNG in the order of the sheet
 *
 * @typedef {object} Screen where it is on the screen, in pixels
 * @property {number} left
 * @property {number} top
 * @property {number} scale the side of the world
 * @property {number} least the same where all of it is shown
 * @property {number} [requested] the next frame, where it will be drawn anew
 * @property {ImageData} picture the points of the map
 * @property {Uint32Array} dots its pixels
 * @property {number[]} visible the images of the map that are on the screen
 *
 * @typedef {object} Hand what the visitor does
 * @property {number | null} at the image that is pointed at
 * @property {Set<number>} hidden kinds
 * @property {boolean} lasso whether the next stroke draws a line
 * @property {boolean} [drawing] whether it does now
 * @property {Point[]} loop the line
 * @property {number} moved how far, since the press
 * @property {number} [count] of the newest act
 * @property {number} [seen]
 *
 * @typedef {World & Screen & Hand} State
 *
 * @typedef {"in" | "out" | "fit" | "lasso" | "clear"} Action
 *
 * @typedef {object} HintParts
 * @property {HTMLCanvasElement} firstChild
 * @property {HTMLElement} lastChild
 * @property {HTMLElement} parentElement
 *
 * @typedef {{ ".fm-canvas-stage": HTMLElement, ".fm-canvas-stage canvas": HTMLCanvasElement }} Stage
 * @typedef {{ ".fm-canvas-hint": HTMLElement & HintParts, ".fm-canvas-said": HTMLElement }} Words
 * @typedef {{ ".fm-canvas-key": HTMLElement }} Key
 * @typedef {{ [action in `[data-action=${Action}]`]: HTMLButtonElement }} Buttons
 *
 * @typedef {(name: string, value: unknown) => void} TellValue
 * @typedef {{ fmState: State, fmTell: TellValue, fmWatch: ResizeObserver }} Kept
 * @typedef {Made<Kept, Stage & Words & Key & Buttons>} Root
 */

const TILE = 28;
const MOST_ZOOM = 400;
const THUMBS_AT_MOST = 700;
const LOOP_SCALE = 1295;
const LOOP_POINTS = 48;

/** @type {(canvas: HTMLCanvasElement, settings?: CanvasRenderingContext2DSettings) => Pen} */
const context = (canvas, settings) => /** @type {Pen} */ (canvas.getContext("2d", settings));

/**
 * @template {Uint8Array | Uint16Array} Numbers
 * @param {string} text
 * @param {new (buffer: ArrayBuffer) => Numbers} Kind
 */
function unpack(text, Kind) {
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  return new Kind(bytes.buffer);
}

/** @param {Root} root */
function build(root) {
  root.className = "fm-canvas";
  const bar = element("div", "fm-canvas-bar", root);
  for (const [action, label, title] of [
    ["in", "+", "Zoom in"],
    ["out", "−", "Zoom out"],
    ["fit", "Show all", "Show all pictures"],
    ["lasso", "Lasso", "Draw a line around pictures to collect them"],
    ["clear", "Clear", "Take the line away"],
  ]) {
    const button = element("button", "", bar);
    button.type = "button";
    button.dataset.action = action;
    button.textContent = label;
    button.title = title;
    if (label.length < 2) button.setAttribute("aria-label", title);
  }
  element("div", "fm-canvas-key", bar);
  const stage = element("div", "fm-canvas-stage", root);
  const canvas = element("canvas", "", stage);
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "img");
  const hint = element("div", "fm-canvas-hint", stage);
  hint.hidden = true;
  const tile = document.createElement("canvas");
  hint.append(tile, document.createElement("span"));
  tile.width = tile.height = TILE;
  const announcer = element("output", "fm-canvas-said", root);
  announcer.setAttribute("aria-live", "polite");
}

// ---- What is shown --------------------------------------------------------------------------

/**
 * @param {Root} root
 * @param {Data} data
 */
function applyData(root, data) {
  const state = root.fmState;
  const world = /** @type {const} */ (["places", "order", "sheet"]);
  const sameWorld = world.every((part) => state.data?.[part] === data[part]);
  const sameLoop = state.data?.loop === data.loop;
  state.data = data;
  state.numbers = unpack(data.numbers, Uint16Array);
  state.kinds = unpack(data.kinds, Uint8Array);
  state.isMap = Boolean(data.places);
  const count = state.numbers.length;
  if (!sameWorld) {
    state.x = new Float32Array(count);
    state.y = new Float32Array(count);
    if (state.isMap) {
      const positions = unpack(data.places, Uint16Array);
      for (let index = 0; index < count; index += 1) {
        state.x[index] = positions[2 * index] / 65535;
        state.y[index] = positions[2 * index + 1] / 65535;
      }
    } else {
      const order = data.order ? unpack(data.order, Uint16Array) : [...state.numbers.keys()];
      state.sheetColumns = Math.max(1, Math.ceil(Math.sqrt(count)));
      order.forEach((index, slot) => {
        state.x[index] = ((slot % state.sheetColumns) + 0.5) / state.sheetColumns;
        state.y[index] = (Math.floor(slot / state.sheetColumns) + 0.5) / state.sheetColumns;
      });
      state.order = order;
    }
    state.at = null;
    state.visible = [];
    state.sheet = null;
    fit(root);
    loadSheet(root);
  } else if (state.dark !== data.dark) loadSheet(root);
  state.dark = data.dark;
  if (state.shuffled?.length !== state.numbers.length) state.shuffled = shuffledOrder(state.numbers.length);
  // A line that is being drawn, or was a moment ago, is not taken away by an older answer.
  const isCurrent = isAnswer(state, data);
  if ((!sameLoop && isCurrent && !state.drawing) || !sameWorld) {
    state.loop = readLoop(data.loop);
  }
  showKey(root);
}

/** @param {Root} root */
function loadSheet(root) {
  const { data } = root.fmState;
  const image = new Image();
  image.onload = () => {
    if (root.fmState.data.sheet !== data.sheet) return;
    root.fmState.sheet = inked(image, data.imageGround);
    root.fmState.page = null;
    redraw(root);
  };
  image.onerror = () => {
    root.querySelector(".fm-canvas-said").textContent =
      "The pictures could not be loaded. Reload the page to try again.";
  };
  image.src = data.sheet;
}

/**
 * Ink on paper in the light, light clothes in the dark.
 *
 * @param {HTMLImageElement} image
 * @param {string} ground to which the difference is shown
 */
function inked(image, ground) {
  const sheet = document.createElement("canvas");
  sheet.width = image.width;
  sheet.height = image.height;
  const pen = context(sheet);
  pen.drawImage(image, 0, 0);
  pen.globalCompositeOperation = "difference";
  pen.fillStyle = ground;
  pen.fillRect(0, 0, sheet.width, sheet.height);
  return sheet;
}

/**
 * A sheet in another order is put together once, and then moves as one picture.
 *
 * @param {Root} root
 */
function page(root) {
  const state = root.fmState;
  const { sheet } = state;
  if (state.page || !sheet) return state.page;
  const side = state.sheetColumns * TILE;
  const pageCanvas = document.createElement("canvas");
  pageCanvas.width = side;
  pageCanvas.height = Math.ceil(state.order.length / state.sheetColumns) * TILE;
  const pen = context(pageCanvas);
  state.order.forEach((index, slot) => {
    const [sx, sy] = onSheet(state, index);
    const [column, row] = [slot % state.sheetColumns, Math.floor(slot / state.sheetColumns)];
    pen.drawImage(sheet, sx, sy, TILE, TILE, column * TILE, row * TILE, TILE, TILE);
  });
  state.page = pageCanvas;
  return pageCanvas;
}

/** @type {(state: State, index: number) => Point} */
const onSheet = (state, index) => [
  (index % state.data.columns) * TILE,
  Math.floor(index / state.data.columns) * TILE,
];

/** @param {Root} root */
function showKey(root) {
  const { data, kinds, isMap } = root.fmState;
  const key = root.querySelector(".fm-canvas-key");
  const presentKinds = new Set(kinds);
  key.replaceChildren();
  key.hidden = !isMap || data.kindNames.length < 2;
  data.kindNames.forEach((name, kind) => {
    if (!presentKinds.has(kind)) return;
    const button = element("button", "fm-canvas-kind", key);
    button.type = "button";
    button.dataset.kind = String(kind);
    button.setAttribute("aria-pressed", String(!root.fmState.hidden.has(kind)));
    button.title = `Show or hide: ${name}`;
    element("i", "", button).style.background = data.colors[kind];
    button.append(name);
  });
  for (const action of /** @type {Action[]} */ (["lasso", "clear"])) {
    root.querySelector(`[data-action=${action}]`).hidden = !isMap;
  }
}

// ---- Where it is on the screen ----------------------------------------------------------------

/** @param {Root} root */
function fit(root) {
  const state = root.fmState;
  const canvas = root.querySelector(".fm-canvas-stage canvas");
  const [width, height] = [canvas.clientWidth || 600, canvas.clientHeight || 600];
  const rows = state.isMap ? 1 : Math.ceil(state.numbers.length / state.sheetColumns) / state.sheetColumns;
  const margin = state.isMap ? 0.94 : 1;
  state.scale = state.least = margin * Math.min(width, height / rows);
  state.left = (width - state.scale) / 2;
  state.top = (height - state.scale * rows) / 2;
}

/** @type {(state: State, index: number) => Point} */
const toScreen = (state, index) => [
  state.left + state.x[index] * state.scale,
  state.top + state.y[index] * state.scale,
];

/**
 * @param {Root} root
 * @param {number} factor
 * @param {number} x of what stays where it is, in pixels
 * @param {number} y
 */
function zoom(root, factor, x, y) {
  const state = root.fmState;
  const scale = Math.min(state.least * MOST_ZOOM, Math.max(state.least * 0.5, state.scale * factor));
  const ratio = scale / state.scale;
  state.left = x - (x - state.left) * ratio;
  state.top = y - (y - state.top) * ratio;
  state.scale = scale;
  redraw(root);
}

// ---- Drawing ----------------------------------------------------------------------------------

/** @param {Root} root */
function redraw(root) {
  const state = root.fmState;
  if (state.requested) return;
  state.requested = requestAnimationFrame(() => {
    state.requested = 0;
    draw(root);
  });
}

/** @param {Root} root */
function draw(root) {
  const state = root.fmState;
  const canvas = root.querySelector(".fm-canvas-stage canvas");
  const sharp = Math.min(2, window.devicePixelRatio || 1);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  // Not in sight yet, or no longer: there are no pixels to draw into.
  if (!width || !height) return;
  if (canvas.width !== Math.round(width * sharp) || canvas.height !== Math.round(height * sharp)) {
    canvas.width = Math.round(width * sharp);
    canvas.height = Math.round(height * sharp);
  }
  const pen = context(canvas, { alpha: false });
  pen.setTransform(sharp, 0, 0, sharp, 0, 0);
  pen.fillStyle = state.data.background;
  pen.fillRect(0, 0, width, height);
  if (state.isMap) drawMap(state, canvas, pen, sharp);
  else drawSheet(root, pen);
  drawLoop(state, pen);
  drawChosen(state, pen);
}

/**
 * @param {Root} root
 * @param {Pen} pen
 */
function drawSheet(root, pen) {
  const state = root.fmState;
  const pageCanvas = page(root);
  if (!pageCanvas) return;
  pen.imageSmoothingEnabled = state.scale / state.sheetColumns < 2 * TILE;
  const side = state.scale;
  pen.drawImage(pageCanvas, state.left, state.top, side, (side * pageCanvas.height) / pageCanvas.width);
}

/**
 * Points are written into the pixels themselves: ten thousand calls to the canvas took 70 ms
 * where no graphics card helps, and this takes two.
 *
 * @param {State} state
 * @param {HTMLCanvasElement} canvas
 * @param {Pen} pen
 * @param {number} sharp how many pixels of the screen one of the page has
 */
function drawMap(state, canvas, pen, sharp) {
  const [width, height] = [canvas.width, canvas.height];
  if (state.picture?.width !== width || state.picture.height !== height) {
    state.picture = pen.createImageData(width, height);
    state.dots = new Uint32Array(state.picture.data.buffer);
  }
  const dots = state.dots;
  dots.fill(colorNumber(state.data.background));
  const colors = state.data.colors.map(colorNumber);
  const zoomed = state.scale / state.least;
  const side = Math.max(2, Math.round(2 * sharp * Math.min(6, 1.8 * Math.sqrt(zoomed))));
  const [left, top, scale] = [state.left * sharp, state.top * sharp, state.scale * sharp];
  /** @type {number[]} */
  const visible = [];
  for (const index of state.shuffled) {
    if (state.hidden.has(state.kinds[index])) continue;
    const x = Math.round(left + state.x[index] * scale - side / 2);
    const y = Math.round(top + state.y[index] * scale - side / 2);
    if (x < -40 || y < -40 || x > width + 40 || y > height + 40) continue;
    visible.push(index);
    const color = colors[state.kinds[index]];
    const [from, to] = [Math.max(0, x), Math.min(width, x + side)];
    if (from >= to) continue;
    for (let row = Math.max(0, y); row < Math.min(height, y + side); row += 1) {
      dots.fill(color, row * width + from, row * width + to);
    }
  }
  state.visible = visible;
  pen.putImageData(state.picture, 0, 0);
  if (state.sheet && zoomed > 2.5) drawThumbs(state, pen, state.sheet, zoomed);
}

/**
 * "#rrggbb" as the four bytes of a pixel, which computers keep with the lowest first.
 *
 * @param {string} color
 */
function colorNumber(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/**
 * A fixed mix of all kinds, so that no class lies on top of all others.
 *
 * @param {number} count
 */
function shuffledOrder(count) {
  const order = Array.from({ length: count }, (_, index) => index);
  let seed = 1;
  for (let last = count - 1; last > 0; last -= 1) {
    seed = (seed * 48271) % 2147483647;
    const random = seed % (last + 1);
    [order[last], order[random]] = [order[random], order[last]];
  }
  return order;
}

/**
 * One image for each place that has room for it; the others stay points.
 *
 * @param {State} state
 * @param {Pen} pen
 * @param {HTMLCanvasElement} sheet
 * @param {number} zoomed how many times as large as where all of it is shown
 */
function drawThumbs(state, pen, sheet, zoomed) {
  const side = Math.min(64, 16 + 4 * Math.sqrt(zoomed));
  const taken = new Set();
  pen.imageSmoothingEnabled = false;
  pen.lineWidth = 2.5;
  let drawn = 0;
  for (const index of state.visible) {
    const [x, y] = toScreen(state, index);
    // Counted from the map's corner, so that pictures do not flicker while it is moved.
    const cell = `${Math.floor((x - state.left) / (side + 4))},${Math.floor((y - state.top) / (side + 4))}`;
    if (taken.has(cell)) continue;
    taken.add(cell);
    drawn += 1;
    if (drawn > THUMBS_AT_MOST) return;
    const [sx, sy] = onSheet(state, index);
    pen.drawImage(sheet, sx, sy, TILE, TILE, x - side / 2, y - side / 2, side, side);
    pen.strokeStyle = state.data.colors[state.kinds[index]];
    pen.strokeRect(x - side / 2, y - side / 2, side, side);
  }
}

/**
 * @param {State} state
 * @param {Pen} pen
 */
function drawLoop(state, pen) {
  if (state.loop.length < 2) return;
  pen.beginPath();
  for (const [x, y] of state.loop) pen.lineTo(state.left + x * state.scale, state.top + y * state.scale);
  if (!state.drawing) pen.closePath();
  pen.fillStyle = state.data.loopFill;
  pen.strokeStyle = state.data.accent;
  pen.lineWidth = 2;
  pen.setLineDash([6, 4]);
  pen.fill();
  pen.stroke();
  pen.setLineDash([]);
}

/**
 * @param {State} state
 * @param {Pen} pen
 */
function drawChosen(state, pen) {
  if (state.at === null) return;
  const [x, y] = toScreen(state, state.at);
  const side = state.isMap ? 18 : Math.max(8, state.scale / state.sheetColumns);
  pen.strokeStyle = state.data.accent;
  pen.lineWidth = 3;
  pen.strokeRect(x - side / 2, y - side / 2, side, side);
}

// ---- The image under the mouse ---------------------------------------------------------------

/**
 * @param {State} state
 * @param {number} x
 * @param {number} y
 */
function imageAt(state, x, y) {
  if (!state.isMap) {
    const column = Math.floor(((x - state.left) / state.scale) * state.sheetColumns);
    const row = Math.floor(((y - state.top) / state.scale) * state.sheetColumns);
    if (column < 0 || row < 0 || column >= state.sheetColumns) return null;
    return state.order[row * state.sheetColumns + column] ?? null;
  }
  let best = 24 * 24;
  let nearest = null;
  for (const index of state.visible) {
    const [px, py] = toScreen(state, index);
    const distance = (px - x) ** 2 + (py - y) ** 2;
    if (distance < best) [best, nearest] = [distance, index];
  }
  return nearest;
}

/**
 * @param {State} state
 * @param {number} index
 */
function nameOf(state, index) {
  const split = state.data.split === "test" ? "Test" : "Training";
  const parts = [`${split} picture ${state.numbers[index]}`, state.data.kindNames[state.kinds[index]]];
  return `${parts.join(": ")}${state.data.notes[index] ? `. ${state.data.notes[index]}` : ""}`;
}

/**
 * @param {Root} root
 * @param {number | null} index
 * @param {boolean} [aloud] whether a screen reader says it
 */
function point(root, index, aloud) {
  const state = root.fmState;
  if (state.at === index) return;
  state.at = index;
  const hint = root.querySelector(".fm-canvas-hint");
  hint.hidden = index === null || !state.sheet;
  if (index !== null && state.sheet) {
    const [sx, sy] = onSheet(state, index);
    context(hint.firstChild).drawImage(state.sheet, sx, sy, TILE, TILE, 0, 0, TILE, TILE);
    hint.lastChild.textContent = nameOf(state, index);
    const [x, y] = toScreen(state, index);
    const stage = hint.parentElement;
    hint.style.left = `${Math.max(0, Math.min(x + 16, stage.clientWidth - 180))}px`;
    hint.style.top = `${y + 190 > stage.clientHeight ? Math.max(0, y - 186) : y + 16}px`;
  }
  if (aloud && index !== null) {
    root.querySelector(".fm-canvas-said").textContent = `${nameOf(state, index)}. Enter opens it.`;
  }
  redraw(root);
}

/**
 * The nearest point in that direction; on a sheet, the neighbour.
 *
 * @param {State} state
 * @param {number} dx
 * @param {number} dy
 */
function step(state, dx, dy) {
  if (state.at === null) return state.isMap ? state.visible[0] ?? null : state.order[0];
  if (!state.isMap) {
    const slot = state.order.indexOf(state.at);
    return state.order[slot + dx + dy * state.sheetColumns] ?? state.at;
  }
  let [best, nearest] = [Infinity, state.at];
  const [x, y] = [state.x[state.at], state.y[state.at]];
  for (let index = 0; index < state.x.length; index += 1) {
    if (index === state.at || state.hidden.has(state.kinds[index])) continue;
    const [gx, gy] = [state.x[index] - x, state.y[index] - y];
    const along = gx * dx + gy * dy;
    const aside = Math.abs(gx * dy) + Math.abs(gy * dx);
    if (along <= 0 || aside > along) continue;
    if (along + aside < best) [best, nearest] = [along + aside, index];
  }
  return nearest;
}

/**
 * An image that was walked to is brought into sight.
 *
 * @param {Root} root
 */
function reveal(root) {
  const state = root.fmState;
  if (state.at === null) return;
  const canvas = root.querySelector(".fm-canvas-stage canvas");
  const [x, y] = toScreen(state, state.at);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (x < 40 || x > width - 40) state.left += width / 2 - x;
  if (y < 40 || y > height - 40) state.top += height / 2 - y;
}

// ---- The lasso --------------------------------------------------------------------------------

/** @param {string} text */
function readLoop(text) {
  /** @type {Point[]} */
  const corners = [];
  /** @param {number} at */
  const part = (at) => parseInt(text.slice(at, at + 2), 36) / LOOP_SCALE;
  for (let at = 0; at + 4 <= text.length; at += 4) {
    corners.push([part(at), part(at + 2)]);
  }
  return corners;
}

/** @param {Point[]} corners */
function writeLoop(corners) {
  const every = Math.max(1, Math.ceil(corners.length / LOOP_POINTS));
  /** @param {number} value */
  const part = (value) =>
    Math.round(Math.min(1, Math.max(0, value)) * LOOP_SCALE).toString(36).padStart(2, "0");
  return corners.filter((_, at) => at % every === 0).map(([x, y]) => part(x) + part(y)).join("");
}

/**
 * @param {Root} root
 * @param {boolean} on
 */
function setLasso(root, on) {
  root.fmState.lasso = on;
  root.querySelector("[data-action=lasso]").setAttribute("aria-pressed", String(on));
  root.classList.toggle("fm-lasso", on);
}

// ---- Mouse, fingers, keys ---------------------------------------------------------------------

/** @param {Root} root */
function listen(root) {
  const canvas = root.querySelector(".fm-canvas-stage canvas");
  /** @type {Map<number, Point>} */
  const pointers = new Map();
  /**
   * @param {MouseEvent} event
   * @returns {Point}
   */
  const pointOf = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  canvas.onwheel = (event) => {
    // A page that is scrolled past does not get stuck here; a pinch comes with Ctrl.
    if (!event.ctrlKey && !root.contains(document.activeElement)) return;
    event.preventDefault();
    zoom(root, Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0018)), ...pointOf(event));
    point(root, null);
  };
  canvas.onpointerdown = (event) => {
    const state = root.fmState;
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, pointOf(event));
    state.moved = 0;
    if (state.lasso && state.isMap) {
      state.drawing = true;
      state.loop = [];
    }
  };
  canvas.onpointermove = (event) => {
    const state = root.fmState;
    const [x, y] = pointOf(event);
    const before = pointers.get(event.pointerId);
    if (!before) {
      point(root, imageAt(state, x, y));
      return;
    }
    state.moved += Math.hypot(x - before[0], y - before[1]);
    if (state.drawing) {
      state.loop.push([(x - state.left) / state.scale, (y - state.top) / state.scale]);
    } else if (pointers.size === 2) {
      const [, other] = /** @type {[number, Point]} */ (
        [...pointers].find(([id]) => id !== event.pointerId)
      );
      /** @param {Point} at */
      const distance = (at) => Math.hypot(at[0] - other[0], at[1] - other[1]);
      zoom(root, distance([x, y]) / Math.max(1, distance(before)), (x + other[0]) / 2, (y + other[1]) / 2);
    } else {
      state.left += x - before[0];
      state.top += y - before[1];
    }
    pointers.set(event.pointerId, [x, y]);
    redraw(root);
  };
  canvas.onpointerup = canvas.onpointercancel = (event) => {
    const state = root.fmState;
    if (!pointers.delete(event.pointerId)) return;
    if (state.drawing) {
      state.drawing = false;
      setLasso(root, false);
      const text = writeLoop(state.loop);
      if (text.length >= 12) root.fmTell("loop", text);
      else state.loop = readLoop(state.data.loop);
    } else if (state.moved < 5 && event.type === "pointerup") {
      const index = imageAt(state, ...pointOf(event));
      if (index !== null) root.fmTell("picked", state.numbers[index]);
    }
    redraw(root);
  };
  canvas.onpointerleave = () => {
    if (!pointers.size && document.activeElement !== canvas) point(root, null);
  };
  canvas.onkeydown = (event) => onKey(root, canvas, event);
  root.onclick = (event) => {
    const button = /** @type {Element} */ (event.target).closest("button");
    if (button) press(root, canvas, button);
  };
}

/**
 * @param {Root} root
 * @param {HTMLCanvasElement} canvas
 * @param {KeyboardEvent} event
 */
function onKey(root, canvas, event) {
  const state = root.fmState;
  const [x, y] = state.at === null ? [canvas.clientWidth / 2, canvas.clientHeight / 2] : toScreen(state, state.at);
  /** @type {{ [key: string]: [dx: number, dy: number] }} */
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (event.key in steps) {
    const to = step(state, ...steps[event.key]);
    state.at = to === state.at ? state.at : null;
    if (to !== null) {
      const previous = state.at;
      state.at = to;
      reveal(root);
      state.at = previous;
    }
    point(root, to, true);
  } else if (event.key === "+" || event.key === "=") zoom(root, 1.5, x, y);
  else if (event.key === "-") zoom(root, 1 / 1.5, x, y);
  else if (event.key === "0") {
    fit(root);
    redraw(root);
  } else if (event.key === "Enter" && state.at !== null) root.fmTell("picked", state.numbers[state.at]);
  else return;
  event.preventDefault();
}

/**
 * @param {Root} root
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLButtonElement} button
 */
function press(root, canvas, button) {
  const state = root.fmState;
  /** @type {Point} */
  const middle = [canvas.clientWidth / 2, canvas.clientHeight / 2];
  const kind = button.dataset.kind;
  if (kind !== undefined) {
    const kindIndex = Number(kind);
    if (!state.hidden.delete(kindIndex)) state.hidden.add(kindIndex);
    button.setAttribute("aria-pressed", String(!state.hidden.has(kindIndex)));
    redraw(root);
    return;
  }
  const action = button.dataset.action;
  if (action === "in") zoom(root, 1.6, ...middle);
  else if (action === "out") zoom(root, 1 / 1.6, ...middle);
  else if (action === "lasso") setLasso(root, !state.lasso);
  else if (action === "clear") {
    state.loop = [];
    root.fmTell("loop", "");
    redraw(root);
  } else {
    fit(root);
    redraw(root);
  }
}

/** @param {Root} root */
function keepFitting(root) {
  root.fmWatch = new ResizeObserver(() => {
    fit(root);
    redraw(root);
  });
  root.fmWatch.observe(root.querySelector(".fm-canvas-stage"));
}

/** @param {ComponentArgument<Data>} argument */
export default function ({ data, parentElement, setStateValue }) {
  let root = /** @type {Root | null} */ (parentElement.querySelector(":scope > .fm-canvas"));
  if (!root) {
    root = /** @type {Root} */ (document.createElement("div"));
    parentElement.append(root);
    build(root);
    const state = { at: null, hidden: new Set(), loop: [], visible: [], lasso: false };
    root.fmState = /** @type {State} */ (/** @type {Partial<State>} */ (state));
    listen(root);
    setLasso(root, false);
    keepFitting(root);
  }
  root.fmTell = (part, value) => {
    const act = actOf(root.fmState.data.seen, value);
    root.fmState.count = act.count;
    teller(setStateValue)(part, act);
  };
  root.querySelector(".fm-canvas-stage canvas").setAttribute("aria-label", data.label);
  applyData(root, data);
  redraw(root);
  return () => {
    setTimeout(() => {
      if (!root.isConnected) root.fmWatch.disconnect();
    });
  };
}
