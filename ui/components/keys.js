// Keys that act on the whole page, whatever has the focus.

/**
 * Whether somebody types into a field, where a key is a letter.
 *
 * @param {EventTarget | null} target the document itself has no `closest`
 */
const isTyping = (target) =>
  /** @type {Partial<Element> | null} */ (target)?.closest?.(
    "input:not([type=range]), textarea, select, [contenteditable=true]",
  );

/**
 * The name of a key that was pressed alone and that nothing else has used; empty otherwise.
 *
 * @param {KeyboardEvent} event
 */
export function pageKey(event) {
  const isChanged = event.ctrlKey || event.metaKey || event.altKey;
  return isChanged || event.defaultPrevented || isTyping(event.target) ? "" : event.key;
}
