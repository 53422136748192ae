import { indexOfLargest } from "./arrays.js";
import { element } from "./elements.js";

/**
 * The ten probabilities of an answer as bars, which move with it.
 *
 * @typedef {object} Bars
 * @property {(probabilities: ArrayLike<number> | null) => void} show nothing where there is no answer
 */

/**
 * @param {Element} place gets them as its last part
 * @param {string[]} classes
 * @returns {Bars}
 */
export function probabilityBars(place, classes) {
  const root = element("ol", "fm-bars", place);
  const rows = classes.map((name) => {
    const row = element("li", "fm-bar", root);
    element("span", "fm-bar-name", row).textContent = name;
    const fill = element("i", "", element("span", "fm-bar-track", row));
    return { row, fill, figure: element("span", "fm-bar-figure", row) };
  });
  return {
    show: (probabilities) => {
      const best = probabilities ? indexOfLargest(probabilities) : null;
      rows.forEach(({ row, fill, figure }, classId) => {
        row.classList.toggle("fm-bar-best", classId === best);
        fill.style.transform = `scaleX(${probabilities?.[classId] ?? 0})`;
        figure.textContent = probabilities ? percentText(probabilities[classId]) : "";
      });
    },
  };
}

/**
 * A probability in whole percent; what is not quite nothing or all says so.
 *
 * @param {number} share from 0 to 1
 */
export function percentText(share) {
  if (share > 0 && share < 0.01) return "< 1 %";
  if (share < 1 && share >= 0.995) return "> 99 %";
  return `${Math.round(100 * share)} %`;
}
