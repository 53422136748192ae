/**
 * A new element of a component, as the last one in its parent where that is given.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {string} className none where it is empty
 * @param {Element} [parent]
 */
export function element(name, className, parent) {
  const created = document.createElement(name);
  if (className) created.className = className;
  parent?.append(created);
  return created;
}
