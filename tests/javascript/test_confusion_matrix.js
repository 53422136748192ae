import {
  chosenCells,
  colorAt,
  curveOf,
  isMistake,
  mostConfused,
  pairOf,
  picked,
  sharesOf,
  textsOf,
  toggled,
  topOf,
} from "../../ui/components/confusion_matrix_cells.js";
import { equal, near, test } from "./testing.js";

/** @import { Selection } from "../../ui/components/confusion_matrix_cells.js" */

/** @type {Selection} */
const NOTHING = { truth: null, predicted: null, cells: [] };
const NAMES = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Boot"];

// Between black and white one always has a contrast of 4.5.
/** @type {[dark: string, light: string]} */
const INKS = ["#000000", "#ffffff"];

/** @param {{ [cell: number]: number }} counts */
const matrixOf = (counts) => Array.from({ length: 100 }, (_, cell) => counts[cell] ?? 0);

/** @param {Selection} selection */
const chosen = (selection) =>
  chosenCells(selection).flatMap((isChosen, cell) => (isChosen ? [cell] : []));

test("the rows of a matrix are true classes, its columns what the network says", () => {
  equal([0, 9, 10, 60, 99].map(pairOf), [[0, 0], [0, 9], [1, 0], [6, 0], [9, 9]]);
  equal([0, 60, 66].map(isMistake), [false, true, false]);
});

test("shares are of the row, or of the column where that is asked for", () => {
  const matrix = matrixOf({ 60: 3, 66: 1, 0: 9 });
  const [ofTruth, ofPredicted] = [sharesOf(matrix, "truth"), sharesOf(matrix, "predicted")];
  near([ofTruth[60], ofTruth[66], ofTruth[0]], [0.75, 0.25, 1]);
  near([ofPredicted[60], ofPredicted[66], ofPredicted[0]], [0.25, 1, 0.75]);
  equal(sharesOf(matrix, "counts"), ofTruth);
});

test("a class without pictures has no shares", () => {
  equal(sharesOf(matrixOf({}), "truth"), matrixOf({}));
});

test("the strongest colour is the largest share of a mistake, and never of less than a twentieth", () => {
  equal(topOf(matrixOf({ 0: 1, 60: 0.3, 26: 0.2 })), 0.3);
  equal(topOf(matrixOf({ 60: 0.01 })), 0.05);
});

test("a colour lies between those of the scale, and its ends are theirs", () => {
  const scale = ["#000000", "#404040", "#ff8000"];
  equal(colorAt(0, scale, INKS).paper, "rgb(0 0 0)");
  equal(colorAt(0.25, scale, INKS).paper, "rgb(32 32 32)");
  equal(colorAt(0.5, scale, INKS).paper, "rgb(64 64 64)");
  equal(colorAt(1, scale, INKS).paper, "rgb(255 128 0)");
  equal(colorAt(7, scale, INKS), colorAt(1, scale, INKS));
});

test("ink can be read on every colour", () => {
  equal(colorAt(0, ["#ffffff", "#ffffff"], INKS).ink, "#000000");
  equal(colorAt(0, ["#202020", "#202020"], INKS).ink, "#ffffff");
});

test("a cell, a row, a column, some cells or none are chosen", () => {
  equal(chosen({ truth: 6, predicted: 0, cells: [] }), [60]);
  equal(chosen({ truth: 6, predicted: null, cells: [] }), [60, 61, 62, 63, 64, 65, 66, 67, 68, 69]);
  equal(chosen({ truth: null, predicted: 9, cells: [] }), [9, 19, 29, 39, 49, 59, 69, 79, 89, 99]);
  equal(chosen({ truth: null, predicted: null, cells: [[6, 0], [0, 6]] }), [6, 60]);
  equal(chosen(NOTHING), []);
});

test("a click chooses, and a second one lets go", () => {
  const one = picked(NOTHING, 6, 0);
  equal(one, { truth: 6, predicted: 0, cells: [] });
  equal(picked(one, 6, 0), NOTHING);
  equal(picked(one, 6, null), { truth: 6, predicted: null, cells: [] });
  equal(picked({ ...NOTHING, cells: [[6, 0], [0, 6]] }, 6, 0), one);
});

test("a click with Shift adds a cell, and takes it away again", () => {
  const one = toggled(NOTHING, 6, 0);
  equal(one, { truth: 6, predicted: 0, cells: [] });
  const two = toggled(one, 0, 6);
  equal(two, { truth: null, predicted: null, cells: [[6, 0], [0, 6]] });
  equal(toggled(two, 6, 0), { truth: 0, predicted: 6, cells: [] });
  equal(toggled(one, 6, 0), NOTHING);
  equal(toggled(picked(NOTHING, 6, null), 2, 4), { truth: 2, predicted: 4, cells: [] });
});

test("a curve goes from left to right, and is as high as its largest number", () => {
  equal(curveOf([0, 20, 10]), [["2.0", "10.5"], ["20.0", "1.5"], ["38.0", "6.0"]]);
});

test("a curve of few pictures stays low", () => {
  equal(curveOf([0, 1])[1], ["38.0", "9.6"]);
});

test("a cell says what it holds, in numbers and in words", () => {
  equal(textsOf(60, 1_234, 0.5, "counts", NAMES), {
    text: "1234",
    title: "Shirt taken for T-shirt/top: 1,234 pictures, 50.0 % of its class",
  });
  equal(textsOf(66, 1, 0.001, "predicted", NAMES), {
    text: "0.1",
    title: "Shirt, right: 1 picture, 0.1 % of its predictions",
  });
  equal(textsOf(60, 0, 0, "truth", NAMES).text, "");
});

test("the most frequent mistakes come first, and what is right or empty is none", () => {
  equal(mostConfused(matrixOf({ 0: 900, 60: 3, 6: 7, 24: 7, 42: 1 }), 3), [24, 6, 60]);
  equal(mostConfused(matrixOf({ 0: 900 }), 3), []);
});
