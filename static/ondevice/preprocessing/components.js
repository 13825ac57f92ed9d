// Connected components of ink, from the runs of its rows.

export const LARGE = 0.5; // of the digits' height: what is smaller is a sign, or a part of a digit

/**
 * Find the 8-connected components of `mask` {values (height · width), not 0 for ink, width, height}, in reading order.
 *
 * Returns `labels` (height · width), 0 for paper and k + 1 in component k; `boxes`, each [left, top, right, bottom], the
 * last two exclusive; `areas` in pixels; and `stroke`, the median length of a run, which is about the pen's width.
 */
export function findComponents({ values, width, height }) {
  const [rows, starts, ends] = [[], [], []]; // of each run; the end is exclusive
  const firstOf = new Int32Array(height + 1); // the first run of each row
  for (let row = 0; row < height; row++) {
    firstOf[row] = starts.length;
    const from = row * width;
    for (let x = 0; x < width; x++) {
      if (!values[from + x]) continue;
      rows.push(row);
      starts.push(x);
      while (x < width && values[from + x]) x++;
      ends.push(x);
    }
  }
  firstOf[height] = starts.length;
  const parents = joined(firstOf, starts, ends);
  const numbers = new Int32Array(starts.length); // of each run's component
  const [boxes, areas] = [[], []];
  const labels = new Int32Array(width * height);
  for (let run = 0; run < starts.length; run++) {
    const [row, start, end] = [rows[run], starts[run], ends[run]];
    if (parents[run] === run) {
      numbers[run] = boxes.length;
      boxes.push([start, row, end, row + 1]);
      areas.push(0);
    } else {
      numbers[run] = numbers[parents[run]];
    }
    const box = boxes[numbers[run]];
    [box[0], box[2], box[3]] = [Math.min(box[0], start), Math.max(box[2], end), row + 1];
    areas[numbers[run]] += end - start;
    labels.fill(numbers[run] + 1, row * width + start, row * width + end);
  }
  return { labels, boxes, areas, stroke: median(ends.map((end, run) => end - starts[run])) };
}

/** Join adjacent runs of consecutive rows. Returns the first run of each run's component. */
function joined(firstOf, starts, ends) {
  const parents = Int32Array.from(starts.keys());
  const root = (run) => {
    while (parents[run] !== run) run = parents[run] = parents[parents[run]];
    return run;
  };
  for (let row = 1; row + 1 < firstOf.length; row++) {
    let above = firstOf[row - 1];
    for (let run = firstOf[row]; run < firstOf[row + 1]; run++) {
      while (above < firstOf[row] && ends[above] < starts[run]) above++;
      for (let other = above; other < firstOf[row] && starts[other] <= ends[run]; other++) {
        const [a, b] = [root(other), root(run)];
        parents[Math.max(a, b)] = Math.min(a, b);
      }
    }
  }
  return parents.map((_, run) => root(run));
}

/** Return the median of whole numbers, or the mean of the middle two; 0 of none. */
export function median(numbers) {
  if (!numbers.length) return 0;
  const sorted = Int32Array.from(numbers).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Return the median height of components, weighted by their ink: dots and bars hardly count. */
export function lineHeight(boxes, areas) {
  const order = boxes.map(([, top, , bottom], i) => [bottom - top, areas[i]]).sort((a, b) => a[0] - b[0]);
  const whole = areas.reduce((sum, area) => sum + area, 0);
  let sum = 0;
  return order.find(([, area]) => (sum += area) / whole >= 0.5)[0];
}
