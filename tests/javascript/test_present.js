import { linkOf } from "../../ui/components/copy_link.js";
import { KEYS, touchedWay } from "../../ui/components/present_ways.js";
import { equal, test } from "./testing.js";

test("a clicker and the arrows go on and back, Escape and P leave", () => {
  equal(["PageDown", "ArrowRight", " "].map((key) => KEYS[key]), ["next", "next", "next"]);
  equal(["PageUp", "ArrowLeft"].map((key) => KEYS[key]), ["previous", "previous"]);
  equal(["Escape", "p", "P"].map((key) => KEYS[key]), ["leave", "leave", "leave"]);
  equal(KEYS.x, undefined);
});

test("a swipe to the left goes on, one to the right goes back, one down does neither", () => {
  equal(touchedWay({ x: 300, y: 400 }, { x: 200, y: 410 }, 390), "next");
  equal(touchedWay({ x: 100, y: 400 }, { x: 200, y: 390 }, 390), "previous");
  equal(touchedWay({ x: 200, y: 200 }, { x: 270, y: 500 }, 390), null);
});

test("a tap near an edge goes that way, one in the middle nowhere", () => {
  equal(touchedWay({ x: 380, y: 400 }, { x: 380, y: 400 }, 390), "next");
  equal(touchedWay({ x: 10, y: 400 }, { x: 12, y: 402 }, 390), "previous");
  equal(touchedWay({ x: 200, y: 400 }, { x: 200, y: 400 }, 390), null);
  equal(touchedWay({ x: 380, y: 400 }, { x: 380, y: 430 }, 390), null);
});

test("a link has all that the address says, but no presenter's key", () => {
  const address = "http://127.0.0.1:8501/clothes/mistakes?run=a&picture=17&key=secret#x";
  equal(linkOf(address, ""), "http://127.0.0.1:8501/clothes/mistakes?run=a&picture=17");
  equal(linkOf("http://127.0.0.1:8501/?present=1", ""), "http://127.0.0.1:8501/?present=1");
});

test("where this computer's own address leads nobody, the link has the one of the others", () => {
  equal(
    linkOf("http://127.0.0.1:8501/clothes/train?run=a", "http://192.168.0.7:8501/clothes"),
    "http://192.168.0.7:8501/clothes/train?run=a",
  );
});
