import { Drawing, checked } from "../pad/drawing.js";
import { eraseArea, eraseStrokes } from "../pad/erasers.js";
import { makeStroke, randomFrom } from "./made-strokes.js";

/**
 * Take a drawing through two hundred steps, and a plain list of all its states beside it. Returns the steps after which
 * the two differ, and the number of its "change" events.
 */
export function takeSteps(seed) {
  const random = randomFrom(seed);
  const drawing = new Drawing();
  let states = [[]];
  let place = 0;
  let changes = 0;
  drawing.addEventListener("change", () => changes++);
  const push = (strokes) => {
    states = [...states.slice(0, place + 1), structuredClone(strokes)];
    place++;
  };
  const act = () => {
    const chance = random();
    const at = [random() * 400, random() * 280];
    if (chance < 0.3) {
      const stroke = makeStroke(random);
      drawing.add(stroke);
      push([...states[place], stroke]);
    } else if (chance < 0.4) {
      if (!drawing.isEmpty) push([]);
      drawing.clear();
    } else if (chance < 0.55) {
      const erase = chance < 0.5 ? eraseArea : eraseStrokes;
      const erased = erase(drawing.strokes, at, [at[0] + 50, at[1]], 12);
      if (erased !== drawing.strokes && (erased.length || !drawing.isEmpty)) push(erased);
      drawing.become(erased);
    } else if (chance < 0.8) {
      if (place > 0) place--;
      drawing.undo();
    } else {
      if (place < states.length - 1) place++;
      drawing.redo();
    }
  };
  const wrong = [];
  for (let step = 0; step < 200; step++) {
    act();
    const same = JSON.stringify(drawing.strokes) === JSON.stringify(states[place]);
    if (!same || drawing.canUndo !== place > 0 || drawing.canRedo !== place < states.length - 1) wrong.push(step);
  }
  return { wrong, changes };
}

/** Add strokes one by one and undo them as far as it goes. Returns how far that is, and how many strokes are left. */
export function undoAll(count) {
  const drawing = new Drawing();
  for (let i = 0; i < count; i++) drawing.add({ width: 4, points: [[i % 400, 5, 1, i]] });
  let undone = 0;
  for (; drawing.canUndo; undone++) drawing.undo();
  return [undone, drawing.strokes.length];
}

/** Return for each value whether `checked` refuses it. */
export function refused(values) {
  return values.map((value) => {
    try {
      return JSON.stringify(checked(value)) !== JSON.stringify(value);
    } catch (error) {
      return error instanceof TypeError;
    }
  });
}
