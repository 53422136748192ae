import { element } from "./elements.js";

/**
 * Copy a text; without encryption a browser has no clipboard, and copies what is selected.
 *
 * @param {string} text
 * @returns {Promise<boolean>} whether it was copied
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = element("textarea", "fm-copied", document.body);
    field.value = text;
    field.readOnly = true;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement);
    field.select();
    const isCopied = document.execCommand("copy");
    field.remove();
    focused?.focus({ preventScroll: true });
    return isCopied;
  }
}
