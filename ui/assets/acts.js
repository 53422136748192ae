// Every act of a visitor gets a count that no earlier one in this window has, in whichever
// component, and that is larger than what the dashboard has seen.
function nextCount(seen) {
  window.fmActs = Math.max(Date.now(), (window.fmActs ?? 0) + 1, seen + 1);
  return window.fmActs;
}

// The steps along pictures take these keys for themselves.
const STEP_KEYS = ["Escape", "n", "N", "p", "P"];

// What a component tells of an act: its count, and that of the last touch before it of something
// that is not ours. Of Streamlit's own widgets the dashboard hears only the values.
const actOf = (seen, value) => ({ touched: window.fmTouched ?? 0, count: nextCount(seen), value });

const OURS = ".fm-choice, .fm-wall, .fm-confusion, .fm-steps, .fm-canvas, .fm-chart, .fm-pixels";

if (!window.fmWatched) {
  window.fmWatched = true;
  for (const kind of ["pointerup", "click", "keydown", "input", "change"]) {
    document.addEventListener(kind, (event) => {
      if (event.target.closest?.(`${OURS}, a`)) return;
      if (kind === "keydown" && STEP_KEYS.includes(event.key) && document.querySelector(".fm-steps")) return;
      window.fmTouched = nextCount(0);
    }, true);
  }
  // A run of the script that has begun or ended after a touch knows what came of it.
  const app = document.querySelector("[data-testid=stApp]");
  new MutationObserver(() => { window.fmTouched = 0; })
    .observe(app, { attributeFilter: ["data-test-script-state"] });
}

// Whether an answer knows the newest act of this component; an older one must not undo it.
// A server that knows less than it did has lost the session: what it says is all there is.
function isAnswer(state, data) {
  if (data.seen < (state.seen ?? 0)) state.count = 0;
  state.seen = data.seen;
  return data.seen >= (state.count ?? 0);
}
