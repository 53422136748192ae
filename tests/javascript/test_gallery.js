import { columnsOf, sideOf, spriteOffset, tileAfter } from "../../ui/components/gallery_layout.js";
import { equal, test } from "./testing.js";

test("an image is as large as asked for, and grows with the text", () => {
  equal(sideOf(64, 1, 1_000), 64);
  equal(sideOf(64, 1.5, 1_000), 96);
});

test("an image does not outgrow its place, and never gets smaller than it is", () => {
  equal(sideOf(252, 1, 200), 184);
  equal(sideOf(252, 1, 30), 28);
  equal(sideOf(10, 1, 1_000), 28);
});

test("an image in a place that has no width yet is as large as asked for", () => {
  equal(sideOf(92, 1, 0), 92);
});

test("the side of an image is whole", () => {
  equal(sideOf(64, 1.1, 1_000), 70);
});

test("a sprite shows its images row by row", () => {
  equal([0, 19, 20, 41].map((index) => spriteOffset(index, 20)), [[0, 0], [19, 0], [0, 1], [1, 2]]);
});

test("the columns are the tiles of the first row", () => {
  equal(columnsOf([4, 4, 4, 90, 90]), 3);
  equal(columnsOf([4, 4]), 2);
  equal(columnsOf([4]), 1);
});

test("arrows walk to the tile beside, above and below, and not over the ends", () => {
  const keys = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];
  equal(keys.map((key) => tileAfter(key, 5, 12, 4)), [4, 6, 1, 9]);
  equal(keys.map((key) => tileAfter(key, 0, 12, 4)), [null, 1, null, 4]);
  equal(keys.map((key) => tileAfter(key, 11, 12, 4)), [10, null, 7, null]);
});

test("Home and End lead to the first and the last tile, other keys nowhere", () => {
  equal(["Home", "End", "Tab", "a"].map((key) => tileAfter(key, 5, 12, 4)), [0, 11, null, null]);
});
