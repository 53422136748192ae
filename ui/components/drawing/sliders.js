import { button, element } from "../elements.js";
import { UNCHANGED } from "./changes.js";

/**
 * Sliders for what can be changed of a whole image.
 *
 * @typedef {import("./changes.js").Changes} Changes
 * @typedef {"right" | "down" | "turn" | "size" | "brightness" | "blur" | "noise"} Slid
 *
 * @typedef {object} Sliders
 * @property {HTMLElement} root
 * @property {(changes: Changes) => void} show
 */

/** @type {[name: Slid, words: string, lowest: number, highest: number, step: number, unit: string][]} */
const SLIDERS = [
  ["right", "Sideways", -14, 14, 1, " px"],
  ["down", "Up and down", -14, 14, 1, " px"],
  ["turn", "Turn", -180, 180, 5, "°"],
  ["size", "Size", 40, 160, 5, " %"],
  ["brightness", "Brightness", 20, 250, 5, " %"],
  ["blur", "Blur", 0, 3, 0.25, " px"],
  ["noise", "Noise", 0, 120, 5, ""],
];

/**
 * @param {Element} place
 * @param {(changes: Partial<Changes>) => void} onChange
 * @param {() => void} onReset
 * @returns {Sliders}
 */
export function changeSliders(place, onChange, onReset) {
  const root = element("fieldset", "fm-changes", place);
  element("legend", "", root).textContent = "Change it";
  const rows = SLIDERS.map(([name, words, lowest, highest, step, unit]) => {
    const label = element("label", "", root);
    element("span", "", label).textContent = words;
    const slider = element("input", "", label);
    Object.assign(slider, { type: "range", min: lowest, max: highest, step, value: UNCHANGED[name] });
    const figure = element("output", "", label);
    slider.oninput = () => onChange({ [name]: Number(slider.value) });
    return { name, slider, figure, unit };
  });
  const buttons = element("div", "fm-changes-buttons", root);
  const mirror = button(buttons, "Mirror");
  const reset = button(buttons, "Undo all changes");
  reset.onclick = onReset;
  return {
    root,
    show: (changes) => {
      for (const { name, slider, figure, unit } of rows) {
        slider.value = String(changes[name]);
        figure.textContent = `${changes[name]}${unit}`;
        slider.setAttribute("aria-valuetext", figure.textContent);
      }
      mirror.setAttribute("aria-pressed", String(changes.mirror));
      mirror.onclick = () => onChange({ mirror: !changes.mirror });
      reset.disabled = rows.every(({ name }) => changes[name] === UNCHANGED[name]) && !changes.mirror;
    },
  };
}
