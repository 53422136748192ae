/**
 * Changes only what is different, so that a screen reader keeps its place and shapes can glide.
 *
 * @param {ChildNode} from
 * @param {ChildNode} to
 */
function change(from, to) {
  if (from.nodeName !== to.nodeName) {
    from.replaceWith(to);
    return;
  }
  if (from instanceof Text && to instanceof Text) {
    if (from.data !== to.data) from.data = to.data;
    return;
  }
  if (!(from instanceof Element && to instanceof Element)) return;
  for (const { name } of [...from.attributes]) if (!to.hasAttribute(name)) from.removeAttribute(name);
  for (const { name, value } of [...to.attributes]) {
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  const old = [...from.childNodes];
  const replacements = [...to.childNodes];
  replacements.forEach((node, index) => (old[index] ? change(old[index], node) : from.append(node)));
  for (const node of old.slice(replacements.length)) node.remove();
}

/**
 * Show an element that Python wrote in a component, in place of what the component shows.
 *
 * @param {HTMLElement} parent of the component
 * @param {string} html one element, always of the same first class
 * @returns {HTMLElement} the one that is shown from then on
 */
export function morph(parent, html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const wanted = /** @type {HTMLElement} */ (template.content.firstElementChild);
  // Other children are Streamlit's own.
  const find = () => /** @type {HTMLElement | null} */ (
    parent.querySelector(`:scope > .${wanted.classList[0]}`)
  );
  const current = find();
  if (!current) return parent.appendChild(wanted);
  change(current, wanted);
  return find() ?? wanted;
}
