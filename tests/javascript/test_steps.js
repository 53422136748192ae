import { stepOf } from "../../ui/components/steps.js";
import { equal, test } from "./testing.js";

/** @param {string} html of an element that has the focus */
function focused(html) {
  const place = document.createElement("div");
  place.innerHTML = html;
  return place.querySelector("[data-focus]") ?? place.firstElementChild;
}

/** @type {(key: string, html?: string, more?: Partial<KeyboardEvent>) => string | undefined} */
const stepAt = (key, html = "<p>", more = {}) =>
  stepOf({ key, target: focused(html), defaultPrevented: false, ...more });

test("the arrows walk from picture to picture and Esc leads back; letters are free", () => {
  equal(["ArrowLeft", "ArrowRight", "Escape"].map((key) => stepAt(key)), ["previous", "next", "back"]);
  equal(["p", "P", "n", "N", "ArrowUp", "ArrowDown", " "].filter((key) => stepAt(key)), []);
  equal(stepOf({ key: "ArrowLeft", target: document, defaultPrevented: false }), "previous");
});

test("an arrow belongs to what walks by arrows itself where it has the focus", () => {
  const users = [
    "<canvas></canvas>", "<input>", "<input type=range>", "<select></select>", "<textarea></textarea>",
    "<div contenteditable=true></div>", "<div role=slider></div>", "<div role=grid></div>",
    "<div role=radiogroup><button data-focus></button></div>",
    "<div class=fm-wall><button data-focus></button><button></button></div>",
    "<div role=dialog><button data-focus></button></div>",
  ];
  equal(users.filter((html) => stepAt("ArrowRight", html)), []);
  equal(stepAt("ArrowRight", "<button></button>"), "next");
  // The large picture has the focus after the one in the gallery was opened.
  equal(stepAt("ArrowRight", "<div class=fm-wall><button data-focus></button></div>"), "next");
  equal(stepAt("ArrowRight", "<input type=checkbox>"), "next");
});

test("Esc leaves a text or a list first, and leads back from pictures and sliders", () => {
  const texts = ["<input>", "<select></select>", "<textarea></textarea>", "<div role=listbox></div>"];
  equal(texts.filter((html) => stepAt("Escape", html)), []);
  const others = ["<canvas></canvas>", "<input type=range>", "<div class=fm-wall></div>"];
  equal(others.map((html) => stepAt("Escape", html)), ["back", "back", "back"]);
});

test("a key with another one is the browser's, and one that was used does nothing more", () => {
  const others = ["altKey", "ctrlKey", "metaKey", "shiftKey", "defaultPrevented"];
  equal(others.filter((other) => stepAt("ArrowLeft", "<p>", { [other]: true })), []);
});
