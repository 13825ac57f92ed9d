import { slide, sumText, twoDigits, weightText } from "../panels/kernel/convolution.js";
import { Position } from "../panels/kernel/position.js";
import { PRESETS } from "../panels/kernel/presets.js";

/** Compute each case's output: {values, width, height}, or why it is refused. */
export function slideAll(cases) {
  return cases.map(({ operation, image, window, kernel }) => {
    try {
      const { values, width, height } = slide(operation, image, window, kernel);
      return { values: [...values], width, height };
    } catch (error) {
      return error instanceof RangeError ? error.message : `${error}`;
    }
  });
}

export const presets = () => PRESETS;

export function written(numbers, weights, terms) {
  return [numbers.map(twoDigits), weights.map(weightText), sumText(terms)];
}

/** Call methods of one position, each written as "name value value …". Returns [row, column, reached] after each. */
export function moves(calls) {
  const position = new Position();
  return calls.map((call) => {
    const [name, ...values] = call.split(" ");
    position[name](...values.map(Number));
    return [position.row, position.column, position.reached];
  });
}
