import { actOf } from "./acts.js";
import { morph } from "./morph.js";

/**
 * @typedef {object} Data
 * @property {string} html the table: one element, a button a row
 * @property {number} seen the count of the newest act that was carried out
 */

/** @param {ComponentArgument<Data>} argument */
export default function ({ data, parentElement, setStateValue }) {
  const root = morph(parentElement, data.html);
  root.onclick = (event) => {
    const row = /** @type {HTMLElement | null} */ (
      /** @type {Element} */ (event.target).closest("[data-class]")
    );
    if (row) setStateValue("opened", actOf(data.seen, Number(row.dataset.class)));
  };
}
