// The window's position: which output pixel is computed, and how many are filled in. It knows nothing of the page.

export class Position {
  rows = 1;
  columns = 1;
  current = 0; // index of the output pixel that is being computed, row by row
  reached = 0; // index of the last one that is filled in

  get last() {
    return this.rows * this.columns - 1;
  }

  get row() {
    return Math.floor(this.current / this.columns);
  }

  get column() {
    return this.current % this.columns;
  }

  get isDone() {
    return this.current === this.last;
  }

  /** Go on in an output of another size, near `row` and `column`. A full output stays full. */
  resize(rows, columns, row, column) {
    const full = this.reached === this.last && this.last > 0;
    Object.assign(this, { rows, columns, current: 0, reached: 0 });
    this.move(row, column);
    if (full) this.reached = this.last;
  }

  /** Go to a pixel; those before it are filled in. */
  go(index) {
    this.current = Math.min(this.last, Math.max(0, index));
    this.reached = Math.max(this.reached, this.current);
  }

  /** Move by so many rows and columns, within the output. */
  move(down, right) {
    const row = Math.min(this.rows - 1, Math.max(0, this.row + down));
    const column = Math.min(this.columns - 1, Math.max(0, this.column + right));
    this.go(row * this.columns + column);
  }

  step() {
    this.go(this.current + 1);
  }

  /** Take a step back: the pixel that was filled in last is empty again. */
  back() {
    if (this.current === 0) return;
    if (this.reached === this.current) this.reached--;
    this.current--;
  }

  toEnd() {
    this.go(this.last);
  }

  reset() {
    this.current = this.reached = 0;
  }
}
