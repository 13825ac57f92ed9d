// The page: joins the pad, the server and what is shown.

import { AnswerView } from "./answer.js";
import { showBoxes } from "./boxes.js";
import { server, Unreachable } from "./client.js";
import { CorrectionForm } from "./correction.js";
import { Demonstration } from "./demonstration.js";
import { $ } from "./elements.js";
import { describe } from "./found.js";
import { translate } from "./i18n.js";
import { startWithoutNetwork } from "./offline.js";
import { Drawing } from "./pad/drawing.js";
import { drawWithKeys } from "./pad/keyboard.js";
import { Pad } from "./pad/pad.js";
import { decode } from "./pad/share-link.js";
import { Sheet } from "./pad/sheet.js";
import { useTools } from "./pad/tools.js";
import { Panels } from "./panels/tabs.js";
import { Picture } from "./picture.js";
import { Reader } from "./reader.js";
import { DrawingStorage, store, stored } from "./storage.js";

const TOUR = "digitpad.tour"; // in the browser's storage: whether it was seen

const drawing = new Drawing();
const pad = new Pad($("pad"), drawing, $("sheet"));
const picture = new Picture();
const reader = new Reader(pad, picture);
const answerView = new AnswerView();
const correctionForm = new CorrectionForm();
const panels = new Panels(picture);
const storage = new DrawingStorage();

let demonstration = null; // for a newcomer

/** Tell `text`, or nothing. In place of an answer, a narrow page has it where the bars would be. */
function notify(text, { isFailure = false } = {}) {
  if ($("notice").textContent !== text) $("notice").textContent = text;
  $("notice").hidden = !text;
  $("notice").classList.toggle("failure", isFailure);
}

function explain(error) {
  if (error instanceof Unreachable) return translate("unreachable");
  return /^\d+$/.test(error.message) ? translate("status", { status: error.message }) : error.message;
}

/** Say where answers come from, where it is not the server, as usual. */
function notifyOfServer() {
  notify(server.exists && server.isAway ? translate("on_device") : "");
}

/** Show where the answer's digits and lines are, on the image or on the pad. */
function showFound(answer) {
  showBoxes(answer, picture.file);
  describe(answer, picture.file);
}

reader.addEventListener("answer", ({ detail: { answer, milliseconds, source } }) => {
  notifyOfServer();
  answerView.show(answer, milliseconds, source, { isSilent: demonstration?.isShown });
  showFound(answer);
});
reader.addEventListener("empty", () => {
  notify("");
  answerView.showNothing("nothing");
  showFound(null);
});
reader.addEventListener("failure", ({ detail: error }) => {
  answerView.showNothing("no_answer");
  showFound(null);
  notify(explain(error), { isFailure: true });
});
server.addEventListener("change", () => {
  if (!$("notice").classList.contains("failure")) notifyOfServer(); // why there is no answer stays until there is one
});
answerView.addEventListener("digit", ({ detail: digit }) => {
  const drawn = demonstration?.isShown ? null : digit; // the example is nobody's
  correctionForm.offer(drawn);
  panels.refresh(drawn);
});
pad.addEventListener("ink", () => {
  if (picture.file && pad.isBusy) picture.dismiss();
  if (!demonstration?.isDrawing) reader.read();
});
drawing.addEventListener("change", () => {
  picture.dismiss();
  storage.save(drawing.strokes);
});
picture.addEventListener("change", () => {
  reader.forget();
  notify("");
  showFound(null);
  reader.read();
});

/** Show the drawing of the link that the page was opened with. */
function openLink() {
  const text = location.hash.slice(1);
  if (!/^[\w-]{8,}$/.test(text)) return;
  try {
    drawing.become(decode(text));
  } catch {
    notify(translate("bad_link"));
  }
  history.replaceState(null, "", location.pathname + location.search); // a reload shows what has become of it
}

$("start-tour").classList.toggle("new", stored(TOUR) === null);
$("start-tour").addEventListener("click", async () => {
  const { startTour } = await import("./tour/tour.js");
  startTour($("start-tour"), drawing.isEmpty && !picture.file);
  store(TOUR, "seen");
  $("start-tour").classList.remove("new");
});

new Sheet(pad, drawing);
drawWithKeys($("pad"), pad, $("cursor"), $("sheet"));
useTools(pad, drawing, picture);
addEventListener("hashchange", openLink);
openLink();
if (drawing.isEmpty) drawing.become(storage.load());
startWithoutNetwork();
if (drawing.isEmpty && $("notice").hidden) {
  demonstration = new Demonstration(pad, [[drawing, "change"], [picture, "change"], [reader, "failure"]]);
}
