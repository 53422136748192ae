import { morph } from "./morph.js";

/**
 * @typedef {object} Data
 * @property {string} html the drawing: one element
 * @property {string} [library] the address of plotly.js, where curves will probably follow
 */

const NEXT = ["live_page", "live_part", "live_chart", "live_probes", "live_first_layer", "live_epoch"];
const IDLE_MS = 2_000;

/**
 * Load what shows a training while the visitor still chooses one.
 *
 * @param {string} library
 */
function loadAhead(library) {
  // Not every browser tells when it has nothing else to do.
  const whenIdle = window.requestIdleCallback ?? ((act) => setTimeout(act, IDLE_MS));
  whenIdle(async () => {
    const [{ plotly }] = await Promise.all([import("./chart.js"), ...NEXT.map((name) => import(`./${name}.js`))]);
    await plotly(library);
  }, { timeout: IDLE_MS });
}

/** @param {ComponentArgument<Data>} argument */
export default function ({ data, parentElement }) {
  morph(parentElement, data.html);
  if (data.library && !window.Plotly) loadAhead(data.library);
}
