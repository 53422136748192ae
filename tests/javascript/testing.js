// What the tests of the components' pure functions are written with; `test_javascript.py` runs each.
/** @type {Map<string, () => void>} */
const tests = new Map();

/** @type {(name: string, run: () => void) => void} */
export function test(name, run) {
  if (tests.has(name)) throw new Error(`two tests are called: ${name}`);
  tests.set(name, run);
}

/**
 * Run one test.
 *
 * @param {string} name
 * @returns {string | null} what went wrong
 */
export function run(name) {
  try {
    const found = tests.get(name);
    if (!found) throw new Error("there is no such test");
    found();
    return null;
  } catch (error) {
    return error instanceof Error ? `${error.message}\n${error.stack}` : String(error);
  }
}

/** @param {unknown} value */
const written = (value) =>
  JSON.stringify(value, (_, part) =>
    ArrayBuffer.isView(part) ? [.../** @type {Uint8Array} */ (part)]
      : typeof part === "number" && !Number.isFinite(part) ? String(part)
        : part);

/**
 * Both are the same, part by part; arrays of numbers of whichever kind.
 *
 * @param {unknown} actual
 * @param {unknown} expected
 */
export function equal(actual, expected) {
  const [is, shall] = [written(actual), written(expected)];
  if (is !== shall) throw new Error(`it is ${is} and not ${shall}`);
}

/**
 * Numbers that differ by no more than rounding does.
 *
 * @param {number[]} actual
 * @param {number[]} expected
 */
export function near(actual, expected) {
  const isNear = actual.length === expected.length
    && actual.every((value, index) => Math.abs(value - expected[index]) < 1e-6);
  if (!isNear) throw new Error(`it is ${actual} and not ${expected}`);
}
