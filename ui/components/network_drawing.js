/** @typedef {{ html: string }} Data the drawing: one element */

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

/** @param {ComponentArgument<Data>} argument */
export default function ({ data, parentElement }) {
  const template = document.createElement("template");
  template.innerHTML = data.html;
  const drawing = /** @type {Element} */ (template.content.firstElementChild);
  const current = parentElement.querySelector(":scope > .fm-net");
  if (current) change(current, drawing);
  else parentElement.append(drawing);
}
