import { headlineOf, isBetter, sentenceOf, swellOf } from "../../ui/components/live_matrix_changes.js";
import { equal, near, test } from "./testing.js";

const NOUNS = ["T-shirts", "trousers", "pullovers", "dresses", "coats", "sandals", "shirts", "sneakers", "bags", "boots"];

/** @param {{ [cell: number]: number }} counts */
const matrixOf = (counts) => Array.from({ length: 100 }, (_, cell) => counts[cell] ?? 0);

// 888 of 1,000 shirts right, 112 taken for T-shirts; an epoch ago 876 and 124.
const COUNTS = matrixOf({ 66: 888, 60: 112 });
const BEFORE = matrixOf({ 66: 876, 60: 124 });

test("a cell swells with what it gained and shrinks with what it lost, within limits", () => {
  near([swellOf(0), swellOf(50), swellOf(500), swellOf(-50)], [0, 0.22, 0.22, -0.22]);
  if (!(swellOf(2) > 0.03 && swellOf(2) < swellOf(10))) throw new Error(String(swellOf(2)));
});

test("fewer mistakes and more that is right are better", () => {
  equal([isBetter(60, -12), isBetter(60, 12), isBetter(66, 12), isBetter(66, -12)], [true, false, true, false]);
});

test("a cell says what it counts, of how many, and what an epoch changed", () => {
  const matrices = { counts: COUNTS, before: BEFORE };
  equal(sentenceOf(60, matrices, NOUNS), "Shirts mistaken for T-shirts: 112 of 1,000 (12 fewer than an epoch ago)");
  equal(sentenceOf(66, matrices, NOUNS), "Shirts it gets right: 888 of 1,000 (12 more than an epoch ago)");
  equal(sentenceOf(62, matrices, NOUNS), "Shirts mistaken for pullovers: 0 of 1,000 (as many as an epoch ago)");
  equal(sentenceOf(60, { counts: COUNTS, before: null }, NOUNS), "Shirts mistaken for T-shirts: 112 of 1,000");
});

test("below the matrix stands what changed most, after the first epoch the most frequent mistake", () => {
  equal(
    headlineOf({ counts: COUNTS, before: BEFORE }, NOUNS),
    "Most changed: shirts mistaken for T-shirts: 112 of 1,000 (12 fewer than an epoch ago)",
  );
  equal(
    headlineOf({ counts: COUNTS, before: COUNTS }, NOUNS),
    "Most frequent: shirts mistaken for T-shirts: 112 of 1,000 (as many as an epoch ago)",
  );
  equal(
    headlineOf({ counts: matrixOf({ 1: 5 }), before: null }, NOUNS),
    "Most frequent: T-shirts mistaken for trousers: 5 of 5",
  );
  equal([headlineOf({ counts: null, before: null }, NOUNS), headlineOf({ counts: matrixOf({}), before: null }, NOUNS)], ["", ""]);
});
