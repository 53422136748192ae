/**
 * Where the largest value stands; of equal ones the first.
 *
 * @param {ArrayLike<number>} values
 */
export function indexOfLargest(values) {
  let best = 0;
  for (let index = 1; index < values.length; index += 1) if (values[index] > values[best]) best = index;
  return best;
}
