/**
 * The terms of the sums that a layer of weights computes: inputs, and where the row of each begins in the
 * kernel. Black pixels and silent neurons add nothing, and are left out.
 */
export class Terms {
  /** @param {number} most */
  constructor(most) {
    this.count = 0;
    this.values = new Float64Array(most);
    this.rows = new Int32Array(most);
  }

  /**
   * Take inputs that follow one another, as their rows do.
   *
   * @param {Float32Array} input
   * @param {number} from
   * @param {number} count of inputs
   * @param {number} row where that of the first begins
   * @param {number} length of a row
   */
  take(input, from, count, row, length) {
    const { values, rows } = this;
    let end = this.count;
    for (let index = 0; index < count; index += 1) {
      const value = input[from + index];
      if (value === 0) continue;
      values[end] = value;
      rows[end] = row + index * length;
      end += 1;
    }
    this.count = end;
  }

  /**
   * Add all terms to the sums: the innermost loop of a network. Four rows at once take half of the time
   * that one after the other does, since each sum is read and written once for all four.
   *
   * @param {Float32Array} kernel
   * @param {Float64Array} sums one a number of each row
   */
  addTo(kernel, sums) {
    const { count, values, rows } = this;
    const length = sums.length;
    let index = 0;
    for (; index + 3 < count; index += 4) {
      const a = values[index], b = values[index + 1], c = values[index + 2], d = values[index + 3];
      const rowA = rows[index], rowB = rows[index + 1], rowC = rows[index + 2], rowD = rows[index + 3];
      for (let at = 0; at < length; at += 1) {
        sums[at] += a * kernel[rowA + at] + b * kernel[rowB + at] + c * kernel[rowC + at] + d * kernel[rowD + at];
      }
    }
    for (; index < count; index += 1) {
      const value = values[index], row = rows[index];
      for (let at = 0; at < length; at += 1) sums[at] += value * kernel[row + at];
    }
  }
}
