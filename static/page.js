// The page: joins the pad, the server and what is shown.

import { answer as answers, show, showBoxes, showNothing } from "./answer.js";
import { LatestOnly, Refusal, Unreachable, post } from "./client.js";
import { offerCorrection } from "./correction.js";
import { Drawing } from "./pad/drawing.js";
import { Picture } from "./picture.js";
import { HEIGHT, toPng } from "./pad/ink.js";
import { keepDrawing, keptDrawing } from "./storage.js";
import { drawWithKeys } from "./pad/keyboard.js";
import { Pad } from "./pad/pad.js";
import { refresh, usePanels } from "./panels/tabs.js";
import { say } from "./i18n.js";
import { Subject } from "./digit.js";
import { useTools } from "./pad/tools.js";

const RETRY_AFTER = 2000; // in milliseconds, when the server could not be reached

const REST = 1000; // in milliseconds: longer than between two strokes of a digit

const $ = (id) => document.getElementById(id);
const drawing = new Drawing();
const pad = new Pad($("pad"), drawing, $("sheet"));
const picture = new Picture();
const questions = new LatestOnly();
let subject = new AbortController();
let retry = 0;
let rest = 0;
let subjectOf = () => null; // a digit of the last answer → what the panels look at
let asked = null; // the strokes or the file that were asked about last

// Asking

function ask() {
  clearTimeout(retry);
  const about = picture.file ?? pad.strokes;
  if (about === asked) return;
  asked = about;
  if (!picture.file && !pad.strokes.length) {
    changeSubject();
    showNothing("nothing");
    showBoxes($("boxes"), []);
    notify("");
    return;
  }
  const { signal } = subject;
  questions.run(async () => {
    if (signal.aborted) return;
    try {
      const started = performance.now();
      const about = { strokes: picture.file ? null : pad.strokes, file: picture.file };
      const image = picture.file ?? (await toPng(about.strokes));
      const answer = await post("read?input=true", image, signal);
      if (signal.aborted) return;
      if (!answer.digits.length && answer.verdict === "not-a-number") await lookOnce(answer, image, signal);
      notify("");
      subjectOf = (reading) =>
        reading && new Subject({ ...about, reading, box: answer.digits.length > 1 ? reading.box : null });
      show(answer, performance.now() - started);
      mark(answer.digits);
    } catch (error) {
      if (!signal.aborted) explain(error);
    }
  });
}

/** Where nothing could be cut into digits, the network's probabilities of the whole still tell something. */
async function lookOnce(answer, image, signal) {
  const whole = await post("predict?input=true", image, signal);
  answer.digits = [{ ...whole, verdict: "not-a-digit", box: [0, 0, 0, 0] }];
}

/** After clearing, or with another image, answers about what was there before are no longer wanted. */
function changeSubject() {
  subject.abort();
  subject = new AbortController();
}

function explain(error) {
  showNothing("no_answer");
  mark([]);
  if (error instanceof Unreachable) {
    notify(say("unreachable"));
    asked = null;
    retry = setTimeout(ask, RETRY_AFTER);
  } else if (error instanceof Refusal) {
    notify(/^\d+$/.test(error.message) ? say("status", { status: error.message }) : error.message);
  } else {
    throw error;
  }
}

// Showing

function mark(digits) {
  if (!picture.file) return showBoxes($("boxes"), digits);
  const { naturalWidth, naturalHeight } = $("picture").querySelector("img");
  $("picture-boxes").setAttribute("viewBox", `0 0 ${naturalWidth || 1} ${naturalHeight || 1}`);
  showBoxes($("picture-boxes"), digits, Math.max(naturalWidth, naturalHeight) / 500);
}

function notify(text) {
  if ($("notice").textContent !== text) $("notice").textContent = text;
  $("notice").hidden = !text;
}

function fitPaper() {
  if ($("paper").dataset.width === String(pad.width)) return;
  $("paper").dataset.width = pad.width;
  $("paper").style.setProperty("--wide", pad.width / HEIGHT);
  $("marks").setAttribute("viewBox", `0 0 ${pad.width} ${HEIGHT}`);
}

/** Once the hand rests near the right edge of what can be seen, the sheet moves on to the room that is new. */
function follow() {
  const right = Math.max(0, ...(drawing.strokes.at(-1)?.points.map(([x]) => x) ?? []));
  const x = (right / HEIGHT) * $("pad").clientHeight;
  const sheet = $("sheet");
  if (x > sheet.scrollLeft + 0.8 * sheet.clientWidth) sheet.scrollTo({ left: x - 0.5 * sheet.clientWidth, behavior: "smooth" });
}

answers.addEventListener("digit", ({ detail }) => {
  const found = detail ? subjectOf(detail) : null;
  offerCorrection(found);
  refresh(found);
});
pad.addEventListener("ink", () => {
  if (pad.isBusy) clearTimeout(rest);
  if (picture.file && pad.isBusy) picture.dismiss();
  $("hint").hidden = pad.strokes.length > 0;
  fitPaper();
  ask();
});
drawing.addEventListener("change", () => {
  picture.dismiss();
  rest = setTimeout(follow, REST);
  keepDrawing(drawing.strokes);
});
picture.addEventListener("change", () => {
  changeSubject();
  notify("");
  mark([]);
  ask();
});

// Beginning: the drawing of a link, or else the one that was here last

async function begin() {
  drawWithKeys($("pad"), pad, $("cursor"), $("sheet"));
  useTools(pad, drawing, picture);
  usePanels({ pad, drawing, picture });
  fitPaper();
  await openLink();
  if (drawing.isEmpty) drawing.become(keptDrawing());
}

async function openLink() {
  const text = location.hash.slice(1);
  if (!/^[\w-]{8,}$/.test(text)) return;
  try {
    const { decode } = await import("./pad/share-link.js");
    drawing.become(decode(text));
  } catch {
    notify(say("bad_link"));
  }
  history.replaceState(null, "", location.pathname + location.search); // a reload shows what has become of it
}

addEventListener("hashchange", openLink);
begin();
