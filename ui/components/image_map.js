// Thousands of pictures on one canvas: points of a map that become pictures when there is room,
// or a sheet of them. World coordinates go from 0 to 1 in both directions.
const TILE = 28;
const MOST_ZOOM = 400;
const THUMBS_AT_MOST = 700;
const LOOP_SCALE = 1295;
const LOOP_POINTS = 48;

const element = (name, className, parent) => {
  const made = document.createElement(name);
  made.className = className;
  parent.append(made);
  return made;
};

function unpack(text, Kind) {
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  return new Kind(bytes.buffer);
}

function build(root) {
  root.className = "fm-canvas";
  const bar = element("div", "fm-canvas-bar", root);
  for (const [action, words, title] of [
    ["in", "+", "Zoom in"],
    ["out", "−", "Zoom out"],
    ["fit", "Show all", "Show all pictures"],
    ["lasso", "Lasso", "Draw a line around pictures to collect them"],
    ["clear", "Clear", "Take the line away"],
  ]) {
    const button = element("button", "", bar);
    button.type = "button";
    button.dataset.action = action;
    button.textContent = words;
    button.title = title;
    if (words.length < 2) button.setAttribute("aria-label", title);
  }
  element("div", "fm-canvas-key", bar);
  const stage = element("div", "fm-canvas-stage", root);
  const canvas = element("canvas", "", stage);
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "img");
  const hint = element("div", "fm-canvas-hint", stage);
  hint.hidden = true;
  hint.append(document.createElement("canvas"), document.createElement("span"));
  hint.firstChild.width = hint.firstChild.height = TILE;
  const said = element("output", "fm-canvas-said", root);
  said.setAttribute("aria-live", "polite");
}

// ---- What is shown --------------------------------------------------------------------------

function take(root, data) {
  const state = root.fmState;
  const sameWorld = ["places", "order", "sheet"].every((part) => state.data?.[part] === data[part]);
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
      const places = unpack(data.places, Uint16Array);
      for (let at = 0; at < count; at += 1) {
        state.x[at] = places[2 * at] / 65535;
        state.y[at] = places[2 * at + 1] / 65535;
      }
    } else {
      const order = data.order ? unpack(data.order, Uint16Array) : [...state.numbers.keys()];
      state.sheetColumns = Math.max(1, Math.ceil(Math.sqrt(count)));
      order.forEach((which, place) => {
        state.x[which] = ((place % state.sheetColumns) + 0.5) / state.sheetColumns;
        state.y[which] = (Math.floor(place / state.sheetColumns) + 0.5) / state.sheetColumns;
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
  if (state.shuffled?.length !== state.numbers.length) state.shuffled = mixed(state.numbers.length);
  // A line that is being drawn, or was a moment ago, is not taken away by an older answer.
  const knowsLine = isAnswer(state, data);
  if ((!sameLoop && knowsLine && !state.drawing) || !sameWorld) {
    state.loop = readLoop(data.loop);
  }
  showKey(root);
}

function loadSheet(root) {
  const { data } = root.fmState;
  const image = new Image();
  image.onload = () => {
    if (root.fmState.data.sheet !== data.sheet) return;
    root.fmState.sheet = inked(image, data.dark);
    root.fmState.page = null;
    redraw(root);
  };
  image.onerror = () => {
    root.querySelector(".fm-canvas-said").textContent =
      "The pictures could not be loaded. Reload the page to try again.";
  };
  image.src = data.sheet;
}

// Ink on paper in the light, light clothes in the dark.
function inked(image, dark) {
  const sheet = document.createElement("canvas");
  sheet.width = image.width;
  sheet.height = image.height;
  const pen = sheet.getContext("2d");
  pen.drawImage(image, 0, 0);
  if (!dark) {
    pen.globalCompositeOperation = "difference";
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, sheet.width, sheet.height);
  }
  return sheet;
}

// A sheet in another order is put together once, and then moves as one picture.
function page(root) {
  const state = root.fmState;
  if (state.page || !state.sheet) return state.page;
  const side = state.sheetColumns * TILE;
  const made = document.createElement("canvas");
  made.width = side;
  made.height = Math.ceil(state.order.length / state.sheetColumns) * TILE;
  const pen = made.getContext("2d");
  state.order.forEach((which, place) => {
    const [sx, sy] = onSheet(state, which);
    const [column, row] = [place % state.sheetColumns, Math.floor(place / state.sheetColumns)];
    pen.drawImage(state.sheet, sx, sy, TILE, TILE, column * TILE, row * TILE, TILE, TILE);
  });
  state.page = made;
  return made;
}

const onSheet = (state, which) => [
  (which % state.data.columns) * TILE,
  Math.floor(which / state.data.columns) * TILE,
];

function showKey(root) {
  const { data, kinds, isMap } = root.fmState;
  const key = root.querySelector(".fm-canvas-key");
  const there = new Set(kinds);
  key.replaceChildren();
  key.hidden = !isMap || data.kindNames.length < 2;
  data.kindNames.forEach((name, kind) => {
    if (!there.has(kind)) return;
    const button = element("button", "fm-canvas-kind", key);
    button.type = "button";
    button.dataset.kind = kind;
    button.setAttribute("aria-pressed", String(!root.fmState.hidden.has(kind)));
    button.title = `Show or hide: ${name}`;
    element("i", "", button).style.background = data.colors[kind];
    button.append(name);
  });
  for (const action of ["lasso", "clear"]) {
    root.querySelector(`[data-action=${action}]`).hidden = !isMap;
  }
}

// ---- Where it is on the screen ----------------------------------------------------------------

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

const toScreen = (state, which) => [
  state.left + state.x[which] * state.scale,
  state.top + state.y[which] * state.scale,
];

function zoom(root, factor, x, y) {
  const state = root.fmState;
  const scale = Math.min(state.least * MOST_ZOOM, Math.max(state.least * 0.5, state.scale * factor));
  const done = scale / state.scale;
  state.left = x - (x - state.left) * done;
  state.top = y - (y - state.top) * done;
  state.scale = scale;
  redraw(root);
}

// ---- Drawing ----------------------------------------------------------------------------------

function redraw(root) {
  const state = root.fmState;
  if (state.requested) return;
  state.requested = requestAnimationFrame(() => {
    state.requested = 0;
    draw(root);
  });
}

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
  const pen = canvas.getContext("2d", { alpha: false });
  pen.setTransform(sharp, 0, 0, sharp, 0, 0);
  pen.fillStyle = state.dark ? "#1d1922" : "#ffffff";
  pen.fillRect(0, 0, width, height);
  if (state.isMap) drawMap(state, canvas, pen, sharp);
  else drawSheet(root, pen);
  drawLoop(state, pen);
  drawChosen(state, pen);
}

function drawSheet(root, pen) {
  const state = root.fmState;
  const made = page(root);
  if (!made) return;
  pen.imageSmoothingEnabled = state.scale / state.sheetColumns < 2 * TILE;
  const side = state.scale;
  pen.drawImage(made, state.left, state.top, side, (side * made.height) / made.width);
}

// Points are written into the pixels themselves: ten thousand calls to the canvas took 70 ms
// where no graphics card helps, and this takes two.
function drawMap(state, canvas, pen, sharp) {
  const [width, height] = [canvas.width, canvas.height];
  if (state.picture?.width !== width || state.picture.height !== height) {
    state.picture = pen.createImageData(width, height);
    state.dots = new Uint32Array(state.picture.data.buffer);
  }
  const dots = state.dots;
  dots.fill(colorNumber(state.dark ? "#1d1922" : "#ffffff"));
  const colors = state.data.colors.map(colorNumber);
  const zoomed = state.scale / state.least;
  const side = Math.max(2, Math.round(2 * sharp * Math.min(6, 1.8 * Math.sqrt(zoomed))));
  const [left, top, scale] = [state.left * sharp, state.top * sharp, state.scale * sharp];
  const visible = [];
  for (const which of state.shuffled) {
    if (state.hidden.has(state.kinds[which])) continue;
    const x = Math.round(left + state.x[which] * scale - side / 2);
    const y = Math.round(top + state.y[which] * scale - side / 2);
    if (x < -40 || y < -40 || x > width + 40 || y > height + 40) continue;
    visible.push(which);
    const color = colors[state.kinds[which]];
    const [from, to] = [Math.max(0, x), Math.min(width, x + side)];
    if (from >= to) continue;
    for (let row = Math.max(0, y); row < Math.min(height, y + side); row += 1) {
      dots.fill(color, row * width + from, row * width + to);
    }
  }
  state.visible = visible;
  pen.putImageData(state.picture, 0, 0);
  if (state.sheet && zoomed > 2.5) drawThumbs(state, pen, visible, zoomed);
}

// "#rrggbb" as the four bytes of a pixel, which computers keep with the lowest first.
function colorNumber(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

// A fixed mix of all kinds, so that no class lies on top of all others.
function mixed(count) {
  const order = Array.from({ length: count }, (_, at) => at);
  let seed = 1;
  for (let at = count - 1; at > 0; at -= 1) {
    seed = (seed * 48271) % 2147483647;
    const other = seed % (at + 1);
    [order[at], order[other]] = [order[other], order[at]];
  }
  return order;
}

// One picture for each place that has room for it; the others stay points.
function drawThumbs(state, pen, seen, zoomed) {
  const side = Math.min(64, 16 + 4 * Math.sqrt(zoomed));
  const taken = new Set();
  pen.imageSmoothingEnabled = false;
  pen.lineWidth = 2.5;
  let drawn = 0;
  for (const which of seen) {
    const [x, y] = toScreen(state, which);
    // Counted from the map's corner, so that pictures do not flicker while it is moved.
    const cell = `${Math.floor((x - state.left) / (side + 4))},${Math.floor((y - state.top) / (side + 4))}`;
    if (taken.has(cell)) continue;
    taken.add(cell);
    drawn += 1;
    if (drawn > THUMBS_AT_MOST) return;
    const [sx, sy] = onSheet(state, which);
    pen.drawImage(state.sheet, sx, sy, TILE, TILE, x - side / 2, y - side / 2, side, side);
    pen.strokeStyle = state.data.colors[state.kinds[which]];
    pen.strokeRect(x - side / 2, y - side / 2, side, side);
  }
}

function drawLoop(state, pen) {
  if (state.loop.length < 2) return;
  pen.beginPath();
  for (const [x, y] of state.loop) pen.lineTo(state.left + x * state.scale, state.top + y * state.scale);
  if (!state.drawing) pen.closePath();
  pen.fillStyle = state.dark ? "rgba(239,143,122,.14)" : "rgba(156,50,37,.1)";
  pen.strokeStyle = state.dark ? "#ef8f7a" : "#9c3225";
  pen.lineWidth = 2;
  pen.setLineDash([6, 4]);
  pen.fill();
  pen.stroke();
  pen.setLineDash([]);
}

function drawChosen(state, pen) {
  if (state.at === null) return;
  const [x, y] = toScreen(state, state.at);
  const side = state.isMap ? 18 : Math.max(8, state.scale / state.sheetColumns);
  pen.strokeStyle = state.dark ? "#ef8f7a" : "#9c3225";
  pen.lineWidth = 3;
  pen.strokeRect(x - side / 2, y - side / 2, side, side);
}

// ---- What is under the mouse ------------------------------------------------------------------

function under(state, x, y) {
  if (!state.isMap) {
    const column = Math.floor(((x - state.left) / state.scale) * state.sheetColumns);
    const row = Math.floor(((y - state.top) / state.scale) * state.sheetColumns);
    if (column < 0 || row < 0 || column >= state.sheetColumns) return null;
    return state.order[row * state.sheetColumns + column] ?? null;
  }
  let [best, found] = [24 * 24, null];
  for (const which of state.visible) {
    const [px, py] = toScreen(state, which);
    const gap = (px - x) ** 2 + (py - y) ** 2;
    if (gap < best) [best, found] = [gap, which];
  }
  return found;
}

function nameOf(state, which) {
  const split = state.data.split === "test" ? "Test" : "Training";
  const parts = [`${split} picture ${state.numbers[which]}`, state.data.kindNames[state.kinds[which]]];
  return `${parts.join(": ")}${state.data.notes[which] ? `. ${state.data.notes[which]}` : ""}`;
}

function point(root, which, aloud) {
  const state = root.fmState;
  if (state.at === which) return;
  state.at = which;
  const hint = root.querySelector(".fm-canvas-hint");
  hint.hidden = which === null || !state.sheet;
  if (which !== null && state.sheet) {
    const [sx, sy] = onSheet(state, which);
    hint.firstChild.getContext("2d").drawImage(state.sheet, sx, sy, TILE, TILE, 0, 0, TILE, TILE);
    hint.lastChild.textContent = nameOf(state, which);
    const [x, y] = toScreen(state, which);
    const stage = hint.parentElement;
    hint.style.left = `${Math.max(0, Math.min(x + 16, stage.clientWidth - 180))}px`;
    hint.style.top = `${y + 190 > stage.clientHeight ? Math.max(0, y - 186) : y + 16}px`;
  }
  if (aloud && which !== null) {
    root.querySelector(".fm-canvas-said").textContent = `${nameOf(state, which)}. Enter opens it.`;
  }
  redraw(root);
}

// The nearest point in that direction; on a sheet, the neighbour.
function step(state, dx, dy) {
  if (state.at === null) return state.isMap ? state.visible[0] ?? null : state.order[0];
  if (!state.isMap) {
    const place = state.order.indexOf(state.at);
    return state.order[place + dx + dy * state.sheetColumns] ?? state.at;
  }
  let [best, found] = [Infinity, state.at];
  const [x, y] = [state.x[state.at], state.y[state.at]];
  for (let which = 0; which < state.x.length; which += 1) {
    if (which === state.at || state.hidden.has(state.kinds[which])) continue;
    const [gx, gy] = [state.x[which] - x, state.y[which] - y];
    const along = gx * dx + gy * dy;
    const aside = Math.abs(gx * dy) + Math.abs(gy * dx);
    if (along <= 0 || aside > along) continue;
    if (along + aside < best) [best, found] = [along + aside, which];
  }
  return found;
}

// A picture that was walked to is brought into sight.
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

function readLoop(text) {
  const corners = [];
  for (let at = 0; at + 4 <= text.length; at += 4) {
    corners.push([at, at + 2].map((place) => parseInt(text.slice(place, place + 2), 36) / LOOP_SCALE));
  }
  return corners;
}

function writeLoop(corners) {
  const every = Math.max(1, Math.ceil(corners.length / LOOP_POINTS));
  const part = (value) =>
    Math.round(Math.min(1, Math.max(0, value)) * LOOP_SCALE).toString(36).padStart(2, "0");
  return corners.filter((_, at) => at % every === 0).map(([x, y]) => part(x) + part(y)).join("");
}

function setLasso(root, on) {
  root.fmState.lasso = on;
  root.querySelector("[data-action=lasso]").setAttribute("aria-pressed", String(on));
  root.classList.toggle("fm-lasso", on);
}

// ---- Mouse, fingers, keys ---------------------------------------------------------------------

function listen(root) {
  const canvas = root.querySelector(".fm-canvas-stage canvas");
  const fingers = new Map();
  const where = (event) => {
    const place = canvas.getBoundingClientRect();
    return [event.clientX - place.left, event.clientY - place.top];
  };
  canvas.onwheel = (event) => {
    // A page that is scrolled past does not get stuck here; a pinch comes with Ctrl.
    if (!event.ctrlKey && !root.contains(document.activeElement)) return;
    event.preventDefault();
    zoom(root, Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0018)), ...where(event));
    point(root, null);
  };
  canvas.onpointerdown = (event) => {
    const state = root.fmState;
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, where(event));
    state.moved = 0;
    if (state.lasso && state.isMap) {
      state.drawing = true;
      state.loop = [];
    }
  };
  canvas.onpointermove = (event) => {
    const state = root.fmState;
    const [x, y] = where(event);
    const before = fingers.get(event.pointerId);
    if (!before) {
      point(root, under(state, x, y));
      return;
    }
    state.moved += Math.hypot(x - before[0], y - before[1]);
    if (state.drawing) {
      state.loop.push([(x - state.left) / state.scale, (y - state.top) / state.scale]);
    } else if (fingers.size === 2) {
      const other = [...fingers].find(([id]) => id !== event.pointerId)[1];
      const gap = (at) => Math.hypot(at[0] - other[0], at[1] - other[1]);
      zoom(root, gap([x, y]) / Math.max(1, gap(before)), (x + other[0]) / 2, (y + other[1]) / 2);
    } else {
      state.left += x - before[0];
      state.top += y - before[1];
    }
    fingers.set(event.pointerId, [x, y]);
    redraw(root);
  };
  canvas.onpointerup = canvas.onpointercancel = (event) => {
    const state = root.fmState;
    if (!fingers.delete(event.pointerId)) return;
    if (state.drawing) {
      state.drawing = false;
      setLasso(root, false);
      const text = writeLoop(state.loop);
      if (text.length >= 12) root.fmTell("loop", text);
      else state.loop = readLoop(state.data.loop);
    } else if (state.moved < 5 && event.type === "pointerup") {
      const which = under(state, ...where(event));
      if (which !== null) root.fmTell("picked", state.numbers[which]);
    }
    redraw(root);
  };
  canvas.onpointerleave = () => {
    if (!fingers.size && document.activeElement !== canvas) point(root, null);
  };
  canvas.onkeydown = (event) => onKey(root, canvas, event);
  root.onclick = (event) => {
    const button = event.target.closest("button");
    if (button) press(root, canvas, button);
  };
}

function onKey(root, canvas, event) {
  const state = root.fmState;
  const [x, y] = state.at === null ? [canvas.clientWidth / 2, canvas.clientHeight / 2] : toScreen(state, state.at);
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (event.key in steps) {
    const to = step(state, ...steps[event.key]);
    state.at = to === state.at ? state.at : null;
    if (to !== null) {
      const kept = state.at;
      state.at = to;
      reveal(root);
      state.at = kept;
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

function press(root, canvas, button) {
  const state = root.fmState;
  const middle = [canvas.clientWidth / 2, canvas.clientHeight / 2];
  const kind = button.dataset.kind;
  if (kind !== undefined) {
    const which = Number(kind);
    if (!state.hidden.delete(which)) state.hidden.add(which);
    button.setAttribute("aria-pressed", String(!state.hidden.has(which)));
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

export default function ({ data, parentElement, setStateValue }) {
  let root = parentElement.querySelector(":scope > .fm-canvas");
  if (!root) {
    root = document.createElement("div");
    parentElement.append(root);
    build(root);
    root.fmState = { at: null, hidden: new Set(), loop: [], visible: [], lasso: false };
    listen(root);
    setLasso(root, false);
    root.fmWatch = new ResizeObserver(() => {
      fit(root);
      redraw(root);
    });
    root.fmWatch.observe(root.querySelector(".fm-canvas-stage"));
  }
  root.fmTell = (part, value) => {
    const act = actOf(root.fmState.data.seen, value);
    root.fmState.count = act.count;
    teller(setStateValue)(part, act);
  };
  root.querySelector(".fm-canvas-stage canvas").setAttribute("aria-label", data.label);
  take(root, data);
  redraw(root);
  return () => {
    setTimeout(() => {
      if (!root.isConnected) root.fmWatch.disconnect();
    });
  };
}
