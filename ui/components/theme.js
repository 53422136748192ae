/**
 * @typedef {{ dark: boolean }} Data whether Python takes the theme for the dark one
 * @typedef {HTMLElement & { fmWatch?: MutationObserver }} Place
 */

/** @param {ComponentArgument<Data> & { parentElement: Place }} argument */
export default function ({ data, parentElement, setTriggerValue }) {
  const app = /** @type {Element} */ (parentElement.closest(".stApp"));
  const isDark = () => getComputedStyle(app).colorScheme === "dark";
  let reported = data.dark;
  const update = () => {
    // What opens over the page stands beside the app and would not know its theme.
    document.documentElement.style.colorScheme = getComputedStyle(app).colorScheme;
    if (isDark() === reported) return;
    reported = isDark();
    setTriggerValue("changed", reported);
  };
  // Streamlit gives its root another class with another theme.
  const watch = new MutationObserver(update);
  parentElement.fmWatch?.disconnect();
  parentElement.fmWatch = watch;
  watch.observe(app, { attributes: true, attributeFilter: ["class"] });
  update();
  return () => watch.disconnect();
}
