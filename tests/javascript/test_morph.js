import { morph } from "../../ui/components/morph.js";
import { equal, test } from "./testing.js";

test("what stays the same is the same element, and only what differs changes", () => {
  const parent = document.createElement("div");
  morph(parent, '<ol class="rows"><li title="a">one</li><li>two</li></ol>');
  const [first, second] = parent.querySelectorAll("li");
  morph(parent, '<ol class="rows"><li>one</li><li class="on">three</li><li>four</li></ol>');
  equal(parent.innerHTML, '<ol class="rows"><li>one</li><li class="on">three</li><li>four</li></ol>');
  equal([...parent.querySelectorAll("li")].slice(0, 2).map((row) => row === first || row === second), [true, true]);
});

test("an element of another kind is replaced, one too many goes, and others of the place stay", () => {
  const parent = document.createElement("div");
  parent.innerHTML = "<style></style>";
  morph(parent, '<p class="rows"><b>one</b><b>two</b></p>');
  const shown = morph(parent, '<div class="rows"><i>one</i></div>');
  equal(parent.innerHTML, '<style></style><div class="rows"><i>one</i></div>');
  equal(shown === parent.lastChild, true);
});
