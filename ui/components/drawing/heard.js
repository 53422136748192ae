import { element } from "../elements.js";

const REST_MS = 1_000;

/**
 * What a screen reader hears once the hand rests: never while it moves, and never the same twice.
 *
 * @param {Element} place
 * @returns {{ say: (sentence: string) => void, close: () => void }}
 */
export function politely(place) {
  const heard = element("div", "fm-heard", place);
  heard.setAttribute("role", "status");
  let timer = 0;
  return {
    say: (sentence) => {
      clearTimeout(timer);
      if (sentence === heard.textContent) return;
      timer = window.setTimeout(() => {
        heard.textContent = sentence;
      }, REST_MS);
    },
    close: () => clearTimeout(timer),
  };
}
