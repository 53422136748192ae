import { actOf, isAnswer, nextCount } from "../../ui/components/acts.js";
import { isNews } from "../../ui/components/announcement.js";
import { bytesOf, wordsOf } from "../../ui/components/bytes.js";
import { makeNarrow } from "../../ui/components/chart.js";
import { clicked, scrollToShow } from "../../ui/components/choice.js";
import { written } from "../../ui/components/pixel_view.js";
import { equal, test } from "./testing.js";

const OPTIONS = ["a", "b", "c"].map((id) => ({ id, text: id, icon: "" }));

/** @type {(chosen: string[], multiple: boolean, required: boolean) => Parameters<typeof clicked>[0]} */
const choice = (chosen, multiple, required) => ({
  data: { options: OPTIONS, multiple, required },
  chosen,
});

test("every act has a larger count than those before, and than what the dashboard has seen", () => {
  const first = nextCount(0);
  const second = nextCount(0);
  if (second <= first) throw new Error(`${second} after ${first}`);
  const ahead = second + 1_000_000;
  equal(nextCount(ahead), ahead + 1);
  equal(nextCount(0), ahead + 2);
  equal(actOf(0, ["x"]), { count: ahead + 3, value: ["x"] });
});

test("an answer to an older act does not count, one to the newest does", () => {
  const state = { count: 7, seen: 3 };
  equal(isAnswer(state, { seen: 6 }), false);
  equal(state, { count: 7, seen: 6 });
  equal(isAnswer(state, { seen: 7 }), true);
  equal(isAnswer(state, { seen: 9 }), true);
});

test("a dashboard that knows less than it did has lost the session, and is believed", () => {
  const state = { count: 7, seen: 5 };
  equal(isAnswer(state, { seen: 0 }), true);
  equal(state, { count: 0, seen: 0 });
});

test("what was never touched takes every answer", () => {
  equal(isAnswer({}, { seen: 0 }), true);
});

test("bytes and numbers of two bytes come out of base64 as they went in", () => {
  equal(bytesOf(btoa("\x00\x7f\xff")), [0, 127, 255]);
  equal(wordsOf(btoa("\x01\x00\x00\x01\xff\xff")), [1, 256, 65_535]);
  equal([bytesOf(""), wordsOf("")], [[], []]);
});

test("of segments one stays chosen", () => {
  equal(clicked(choice(["a"], false, true), "b"), ["b"]);
  equal(clicked(choice(["a"], false, true), "a"), ["a"]);
  equal(clicked(choice([], false, true), "c"), ["c"]);
});

test("what need not be chosen is let go by a second click", () => {
  equal(clicked(choice(["a"], false, false), "a"), []);
  equal(clicked(choice(["a"], false, false), "b"), ["b"]);
});

test("of several choices each is taken and let go by itself, in the order of the options", () => {
  equal(clicked(choice(["c"], true, false), "a"), ["a", "c"]);
  equal(clicked(choice(["a", "c"], true, false), "a"), ["c"]);
  equal(clicked(choice(["a"], true, false), "a"), []);
  equal(clicked(choice(["a"], true, true), "a"), ["a"]);
});

test("a figure on a phone gets the values that it says for one, at any depth", () => {
  const layout = { margin: { l: 90 }, meta: { narrow: { "margin.l": 8, "legend.y": -0.2, title: null } } };
  makeNarrow(layout);
  equal(layout, { margin: { l: 8 }, meta: layout.meta, legend: { y: -0.2 }, title: null });
  const plain = { margin: { l: 90 } };
  makeNarrow(plain);
  equal(plain, { margin: { l: 90 } });
});

test("a pixel is written as it is stored, or as a network gets it", () => {
  equal([0, 128, 255].map((value) => written(value, "values")), ["0", "128", "255"]);
  equal([0, 1, 128, 255].map((value) => written(value, "scaled")), ["0", ".00", ".50", "1"]);
});

test("what holds when a page comes is no news, and a change of it is news once", () => {
  const known = new Map();
  const heard = ["74 pictures", "74 pictures", "12 pictures", "12 pictures", "", "74 pictures"];
  equal(
    heard.map((sentence) => isNews(known, { about: "gallery", sentence })),
    [false, false, true, false, false, true],
  );
  equal(isNews(known, { about: "training", sentence: "74 pictures" }), false);
});

test("a row scrolls no further than an option needs to stand clear of its edges", () => {
  const row = { scroll: 100, width: 300, total: 900 };
  equal(scrollToShow({ left: 200, width: 80 }, row), 100);
  equal(scrollToShow({ left: 90, width: 80 }, row), 34);
  equal(scrollToShow({ left: 350, width: 80 }, row), 186);
  equal(scrollToShow({ left: 0, width: 80 }, row), 0);
  equal(scrollToShow({ left: 820, width: 80 }, row), 600);
  equal(scrollToShow({ left: 250, width: 60 }, { scroll: 0, width: 320, total: 320 }), 0);
});

test("of an option that is wider than its row, the beginning is shown", () => {
  equal(scrollToShow({ left: 200, width: 400 }, { scroll: 0, width: 300, total: 900 }), 144);
});
