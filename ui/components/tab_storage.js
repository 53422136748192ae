/**
 * What a tab keeps for itself, also when it is loaded again or goes to another page; a browser that keeps
 * nothing, keeps nothing.
 *
 * @param {string} name
 * @param {string} text
 */
export function keepInTab(name, text) {
  try {
    sessionStorage.setItem(name, text);
  } catch {
    // Private windows of some browsers, and a storage that is full.
  }
}

/**
 * What was kept; null where nothing was.
 *
 * @param {string} name
 */
export function keptInTab(name) {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null;
  }
}
