// Completes the address that was opened, such as by the newest run, in place: a step more in the
// browser's history would make Back lead to the half of it, and from there straight here again.

/**
 * @typedef {{ [parameter: string]: string }} Address
 * @typedef {{ given?: Address, wanted?: Address }} Data the address that was opened, and the whole
 *   one; without them there is nothing to complete
 */

/** @param {Address} address */
const partsOf = (address) => JSON.stringify(Object.entries(address).sort());

/** @param {ComponentArgument<Data> & { parentElement: { fmCompleted?: string } }} argument */
export default function ({ data: { given, wanted }, parentElement }) {
  if (!given || !wanted) return;
  const content = JSON.stringify([given, wanted]);
  if (parentElement.fmCompleted === content) return;
  parentElement.fmCompleted = content;
  const current = Object.fromEntries(new URLSearchParams(document.location.search));
  if (partsOf(current) !== partsOf(given)) return;
  const target = `?${new URLSearchParams(wanted)}`;
  window.history.replaceState(window.history.state, "", document.location.pathname + target);
}
