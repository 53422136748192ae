// Every act of a visitor gets a count that no earlier one in this window has, in whichever
// component, and that is larger than what the dashboard has seen.
function nextCount(seen) {
  window.fmActs = Math.max(Date.now(), (window.fmActs ?? 0) + 1, seen + 1);
  return window.fmActs;
}

// Whether an answer knows the newest act of this component; an older one must not undo it.
const isAnswer = (state, data) => data.seen >= (state.count ?? 0);
