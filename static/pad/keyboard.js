// Drawing with the keyboard: arrows move a cursor on the pad, space holds the pen down.

import { hasModifier } from "../elements.js";
import { HEIGHT } from "./ink.js";

const STEP = 6; // in pad units, for a tap on an arrow; with Shift, a third of it
const SPEED = 0.16; // units a millisecond, while an arrow is held
const PATIENCE = 200; // in milliseconds; an arrow that is pressed longer is held
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Let the keyboard draw on `pad` while `canvas` has the focus. `mark` shows the cursor, and `sheet` scrolls to it. */
export function drawWithKeys(canvas, pad, mark, sheet) {
  const held = new Map(); // by arrow that is down: since when
  let place = [100, HEIGHT / 2];
  let frame = 0;
  let last = 0;
  let down = false;
  let isLocked = false; // Enter put the pen down, and it stays down

  function moveBy(dx, dy) {
    const [x, y] = place;
    place = [Math.min(pad.width, Math.max(0, x + dx)), Math.min(HEIGHT, Math.max(0, y + dy))];
    if (down) pad.move([place]);
    show();
  }

  function show() {
    mark.setAttribute("cx", place[0]);
    mark.setAttribute("cy", place[1]);
    mark.setAttribute("r", pad.tool === "pen" ? pad.penWidth / 2 : pad.eraserRadius);
    mark.classList.toggle("down", down);
    const x = (place[0] / HEIGHT) * canvas.clientHeight;
    if (x < sheet.scrollLeft + 20) sheet.scrollLeft = x - 60;
    if (x > sheet.scrollLeft + sheet.clientWidth - 20) sheet.scrollLeft = x - sheet.clientWidth + 60;
  }

  function glide(now) {
    const time = Math.min(50, now - last);
    last = now;
    let [dx, dy] = [0, 0];
    for (const [key, since] of held) {
      if (now - since < PATIENCE) continue;
      dx += ARROWS[key][0] * SPEED * time;
      dy += ARROWS[key][1] * SPEED * time;
    }
    if (dx || dy) moveBy(dx, dy);
    frame = held.size ? requestAnimationFrame(glide) : 0;
  }

  function put(pressed) {
    if (pressed && !pad.isBusy) pad.press(place);
    if (!pressed && down) pad.lift();
    down = pressed && pad.isBusy;
    show();
  }

  function rest() {
    held.clear();
    isLocked = false;
    put(false);
  }

  canvas.addEventListener("keydown", (event) => {
    if (hasModifier(event)) return;
    if (event.key in ARROWS) {
      const step = event.shiftKey ? STEP / 3 : STEP;
      if (!held.has(event.key)) moveBy(ARROWS[event.key][0] * step, ARROWS[event.key][1] * step);
      if (!held.has(event.key) && !event.shiftKey) held.set(event.key, performance.now());
      last = performance.now();
      frame ||= requestAnimationFrame(glide);
    } else if (event.key === " ") {
      if (!event.repeat) put(true);
    } else if (event.key === "Enter") {
      if (event.repeat) return;
      isLocked = !isLocked;
      put(isLocked);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
  canvas.addEventListener("keyup", (event) => {
    held.delete(event.key);
    if (event.key === " ") put(isLocked);
  });
  canvas.addEventListener("focus", show);
  canvas.addEventListener("blur", rest);
}
