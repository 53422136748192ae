export default function ({ data, parentElement, setTriggerValue }) {
  const app = parentElement.closest(".stApp");
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
