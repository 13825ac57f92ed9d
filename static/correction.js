// "Wrong? It was a …": a click stores the drawing with its right label, and only a click.

import { Refusal, ask } from "./client.js";
import { say } from "./i18n.js";

const $ = (id) => document.getElementById(id);
let subject = null;

/** Tell what would be corrected, or null. */
export function offerCorrection(next) {
  const box = $("correct");
  if (!box) return; // switched off by configuration
  if (next?.strokes !== subject?.strokes || next?.file !== subject?.file) $("corrected").textContent = "";
  subject = next;
  box.hidden = !subject;
}

$("correct")?.addEventListener("click", async (event) => {
  const { label } = event.target.dataset;
  if (!label || !subject) return;
  $("corrected").textContent = "";
  try {
    const what = subject.strokes && !subject.box ? { strokes: subject.strokes.map(sent) } : { image: await dataUrl() };
    const body = JSON.stringify({ ...what, label });
    await ask("corrections", { method: "POST", headers: { "Content-Type": "application/json" }, body });
    $("corrected").textContent = say("stored", { label: event.target.textContent });
  } catch (error) {
    $("corrected").textContent = error instanceof Refusal ? error.message : say("unreachable");
  }
});

function sent({ width, points }) {
  return { width, points: points.map(([x, y, pressure]) => [x, y, pressure]) };
}

async function dataUrl() {
  const blob = await subject.blob();
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.readAsDataURL(blob);
  });
}
