// Keys that act on the whole page, whatever has the focus.

/** What uses letters and Esc itself: a text, a list, what lies above the page. */
export const USES_LETTERS = [
  "input:not([type=range], [type=checkbox]), textarea, select, [contenteditable=true]",
  "[role=combobox], [role=listbox], [role=menu], [role=dialog], [data-testid=stPopoverBody]",
].join();

/**
 * The name of a key that was pressed alone and that nothing else uses; empty otherwise.
 *
 * @param {Pick<KeyboardEvent, "key" | "target" | "defaultPrevented"> & Partial<KeyboardEvent>} event
 * @param {string} users what uses this key itself, as a selector
 */
export function pageKey(event, users = USES_LETTERS) {
  const isChanged = event.ctrlKey || event.metaKey || event.altKey;
  // The document itself has no `closest`.
  const target = /** @type {Partial<Element> | null} */ (event.target);
  return isChanged || event.defaultPrevented || target?.closest?.(users) ? "" : event.key;
}
