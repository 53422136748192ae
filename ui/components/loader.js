// The script of every component, as Streamlit gets it: it imports the component's module and calls
// the default function of that. From here, a blob, only a whole address can be imported.
/**
 * @typedef {{ module: string }} Data the address of the component's module, from "/" on
 * @typedef {ComponentArgument<Data>} Argument
 * @typedef {(argument: Argument) => CleanUp} Component the default function of a module
 */

const LONGEST_PAUSE_MS = 8_000;

/**
 * The components whose modules are there, by address.
 *
 * @type {Map<string, Component>}
 */
const components = new Map();

/**
 * How many times a module could not be had, by address.
 *
 * @type {Map<string, number>}
 */
const failures = new Map();

/**
 * The newest call for each place.
 *
 * @type {WeakMap<HTMLElement, Argument>}
 */
const newest = new WeakMap();

/**
 * The component at an address.
 *
 * @param {string} address
 */
async function componentAt(address) {
  const present = components.get(address);
  if (present) return present;
  const failed = failures.get(address) ?? 0;
  // A browser keeps in mind that a module failed, or one that this imports. So another try takes
  // another folder, which holds the same.
  const path = failed ? address.replace(/\/[^/]*$/, `.${failed}$&`) : address;
  try {
    /** @type {{ default: Component }} */
    const module = await import(new URL(path, window.location.origin).href);
    components.set(address, module.default);
    return module.default;
  } catch (error) {
    console.warn(`${path} did not load`, error);
    failures.set(address, failed + 1);
    return null;
  }
}

/** @param {HTMLElement} place */
function showMissing(place) {
  // What is said in a place that is busy, a screen reader may keep to itself.
  place.setAttribute("aria-busy", "false");
  if (place.querySelector(":scope > .fm-missing")) return;
  const notice = document.createElement("p");
  notice.className = "fm-missing";
  notice.setAttribute("role", "status");
  notice.textContent =
    "This part of the page could not be loaded: the dashboard does not answer. It is tried again " +
    "every few seconds.";
  place.append(notice);
}

/** @type {(component: Component, argument: Argument) => CleanUp} */
function call(component, argument) {
  const place = argument.parentElement;
  place.setAttribute("aria-busy", "false");
  place.querySelector(":scope > .fm-missing")?.remove();
  return component(argument);
}

/**
 * Call the component once its module is there, with the newest data: an older call does nothing.
 *
 * @param {Argument} argument
 * @returns {Promise<CleanUp>}
 */
async function callOnceThere(argument) {
  const { data, parentElement } = argument;
  parentElement.setAttribute("aria-busy", "true");
  const isWanted = () => parentElement.isConnected && newest.get(parentElement) === argument;
  for (let pause = 1_000; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    const component = await componentAt(data.module);
    if (!isWanted()) return;
    if (component) return call(component, argument);
    showMissing(parentElement);
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (!isWanted()) return;
  }
}

/**
 * Streamlit waits for the clean-up where it is promised.
 *
 * @param {Argument} argument
 */
export default function (argument) {
  newest.set(argument.parentElement, argument);
  const component = components.get(argument.data.module);
  return component ? call(component, argument) : callOnceThere(argument);
}
