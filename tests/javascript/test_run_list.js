import { countText, listed, startText, ticked } from "../../ui/components/run_list.js";
import { equal, test } from "./testing.js";

const ROW = {
  id: "", name: "", color: "", glyph: "", state: "", pinned: false, accuracy: null, accuracy_text: "",
  training: "", parameters: null, epochs: null, seconds: null, seconds_text: "", created: null,
  tags: [], notes: "", search: "",
};
const ROWS = [
  { ...ROW, id: "cafe12", name: "b", created: 3, accuracy: 0.9, parameters: 7, seconds: 5, search: "b adam" },
  { ...ROW, id: "b", name: "C", created: 2, accuracy: 0.8, parameters: 9, seconds: 1, search: "c adam" },
  { ...ROW, id: "a", name: "a", created: 1, search: "a sgd", pinned: true },
  { ...ROW, id: "d", name: "Damaged" },
];
/** @type {(words: string, order: string) => string} */
const ids = (words, order) => listed(ROWS, words, order).map((row) => row.id[0]).join("");

test("pinned runs come first in every order, and those without the figure last", () => {
  equal(["newest", "best", "small", "quick", "name"].map((order) => ids("", order)),
    ["acbd", "acbd", "acbd", "abcd", "acbd"]);
});

test("a search finds runs that hold all its words", () => {
  equal([ids("ADAM", "name"), ids("b adam", "name"), ids("  ", "name"), ids("x", "name")],
    ["cb", "c", "acbd", ""]);
  equal([ids("caf", "name"), ids("cafe", "name"), ids("afe1", "name")], ["", "c", ""]);
});

test("ticked runs come after those that were chosen, and no more than can be", () => {
  equal(ticked(["a", "b"], ["b", "c"], true, 9), ["a", "b", "c"]);
  equal(ticked(["a", "b"], ["c", "d"], true, 3), ["a", "b", "c"]);
  equal(ticked(["a", "b", "c"], ["c", "a"], false, 3), ["b"]);
});

test("it says how many runs there are, found and selected", () => {
  equal(countText(7, 7, 2, 60), "7 runs, 2 selected");
  equal(countText(1, 1, 0, 60), "1 run, 0 selected");
  equal(countText(3, 70, 60, 60), "3 of 70 runs, 60 selected, the most that can be");
});

test("when a run was started is told as long ago, and from a day on with its date", () => {
  const now = Date.parse("2026-05-03T12:00:00") / 1_000;
  equal([5, 60, 7_200, 50 * 60].map((ago) => startText(now - ago, now)),
    ["just now", "1 minute ago", "2 hours ago", "50 minutes ago"]);
  equal(startText(Date.parse("2026-04-01T08:05:00") / 1_000, now), "1 April, 08:05");
  equal(startText(Date.parse("2025-04-01T08:05:00") / 1_000, now), "1 April 2025, 08:05");
  equal(startText(null, now), "");
});
