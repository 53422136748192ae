/** @typedef {{ dark: boolean }} Data whether Python takes the theme for the dark one */

/** @param {ComponentArgument<Data>} argument */
export default function ({ data, parentElement, setTriggerValue }) {
  const app = /** @type {Element} */ (parentElement.closest(".stApp"));
  const isDark = () => getComputedStyle(app).colorScheme === "dark";
  let told = data.dark;
  const look = () => {
    // What opens over the page stands beside the app and would not know its theme.
    document.documentElement.style.colorScheme = getComputedStyle(app).colorScheme;
    if (isDark() === told) return;
    told = isDark();
    setTriggerValue("changed", told);
  };
  // Streamlit gives its root another class with another theme.
  const watch = new MutationObserver(look);
  watch.observe(app, { attributes: true, attributeFilter: ["class"] });
  look();
  return () => watch.disconnect();
}
