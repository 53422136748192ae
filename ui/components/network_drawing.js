// Changes only what is different, so that a screen reader keeps its place and shapes can glide.
function change(from, to) {
  if (from.nodeName !== to.nodeName) {
    from.replaceWith(to);
    return;
  }
  if (from.nodeType === Node.TEXT_NODE) {
    if (from.data !== to.data) from.data = to.data;
    return;
  }
  for (const { name } of [...from.attributes]) if (!to.hasAttribute(name)) from.removeAttribute(name);
  for (const { name, value } of [...to.attributes]) {
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  const old = [...from.childNodes];
  const wanted = [...to.childNodes];
  wanted.forEach((node, place) => (old[place] ? change(old[place], node) : from.append(node)));
  for (const node of old.slice(wanted.length)) node.remove();
}

export default function ({ data, parentElement }) {
  const template = document.createElement("template");
  template.innerHTML = data.html;
  const drawing = template.content.firstElementChild;
  const shown = parentElement.querySelector(":scope > .fm-net");
  if (shown) change(shown, drawing);
  else parentElement.append(drawing);
}
