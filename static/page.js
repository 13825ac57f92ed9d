// The page: joins the pad, the server and what is shown.

import { LatestOnly, Refusal, Unreachable, predict } from "./client.js";
import { toPng } from "./ink.js";
import { Pad } from "./pad.js";

const RETRY_AFTER = 2000; // in milliseconds, when the server could not be reached
const ANNOUNCE_AFTER = 600; // in milliseconds: a screen reader is told the answer once the drawing rests

const $ = (id) => document.getElementById(id);
const pad = new Pad($("pad"));
const questions = new LatestOnly();
let subject = new AbortController();
let picture = null; // a File that is read instead of the drawing
let pictureUrl = "";
let retry = 0;
let announcement = 0;

// Asking

function ask() {
  clearTimeout(retry);
  if (!picture && pad.isEmpty) {
    changeSubject();
    showNothing();
    notify("");
    return;
  }
  const { signal } = subject;
  questions.run(async () => {
    if (signal.aborted) return;
    try {
      const answer = await predict(picture ?? (await toPng(pad.strokes)), signal);
      if (signal.aborted) return;
      notify("");
      show(answer);
    } catch (error) {
      if (!signal.aborted) explain(error);
    }
  });
}

/** After clearing, or with another image, answers about what was there before are no longer wanted. */
function changeSubject() {
  subject.abort();
  subject = new AbortController();
}

function explain(error) {
  showNothing();
  if (error instanceof Unreachable) {
    notify("The server cannot be reached. Your drawing is safe here, and is read as soon as the server answers again.");
    retry = setTimeout(ask, RETRY_AFTER);
  } else if (error instanceof Refusal) {
    notify(error.message);
  } else {
    throw error;
  }
}

// Showing

const percents = new Intl.NumberFormat("en", { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });

function percent(probability) {
  return probability > 0.9995 ? "over 99.9%" : percents.format(probability); // nothing is ever certain
}

function show({ label, confidence, probabilities, verdict, alternatives, input, model }) {
  const words = {
    sure: `${label === "8" ? "An" : "A"} ${label}, sure`,
    unsure: `Perhaps ${alternatives?.map((some) => (some === "8" ? "an 8" : `a ${some}`)).join(", or ")}`,
    blank: "Nothing to read",
    "not-a-digit": "This does not look like a digit",
  }[verdict];
  $("digit").value = label ?? "–";
  $("digit").className = verdict;
  $("words").textContent = label === null ? words : `${words}: ${percent(confidence)}`;
  for (const row of $("bars").children) {
    const probability = probabilities[row.dataset.label] ?? 0;
    row.style.setProperty("--part", probability);
    row.classList.toggle("best", row.dataset.label === label);
    row.querySelector(".percent").textContent = percent(probability);
  }
  $("seen").src = input;
  $("seen").hidden = false;
  $("model").textContent = `${model.name}, ${model.version.slice(7, 15)}`;
  announce(`${words}. ${label === null ? "" : percent(confidence)}`);
}

function showNothing() {
  $("digit").value = "–";
  $("digit").className = "";
  $("words").textContent = picture || !pad.isEmpty ? "No answer" : "Nothing drawn yet";
  for (const row of $("bars").children) {
    row.style.setProperty("--part", 0);
    row.classList.remove("best");
    row.querySelector(".percent").textContent = "–";
  }
  $("seen").hidden = true;
  announce("");
}

function announce(text) {
  clearTimeout(announcement);
  announcement = setTimeout(() => ($("announcement").textContent = text), ANNOUNCE_AFTER);
}

function notify(text) {
  if ($("notice").textContent !== text) $("notice").textContent = text;
  $("notice").hidden = !text;
}

// Drawing

pad.addEventListener("change", () => {
  if (picture) setPicture(null);
  $("hint").hidden = !pad.isEmpty;
  $("undo").disabled = !pad.canUndo;
  $("redo").disabled = !pad.canRedo;
  $("clear").disabled = pad.isEmpty;
  ask();
});

function setPenWidth(width) {
  $("width").value = width;
  pad.penWidth = Number($("width").value);
  $("width").setAttribute("aria-valuetext", `${pad.penWidth} of 280`);
  $("nib").style.setProperty("--nib", pad.penWidth);
}

$("undo").addEventListener("click", () => pad.undo());
$("redo").addEventListener("click", () => pad.redo());
$("clear").addEventListener("click", () => pad.clear());
$("width").addEventListener("input", () => setPenWidth($("width").value));
setPenWidth($("width").value);

addEventListener("keydown", (event) => {
  const command = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  let act;
  if (command && key === "z") act = () => (event.shiftKey ? pad.redo() : pad.undo());
  else if (command && key === "y") act = () => pad.redo();
  else if (command || event.altKey) return;
  else if (key === "delete" || key === "backspace") act = () => pad.clear();
  else if (key === "escape" && picture) act = () => dismiss();
  else if (key === "[") act = () => setPenWidth(pad.penWidth - 2);
  else if (key === "]") act = () => setPenWidth(pad.penWidth + 2);
  else return;
  event.preventDefault();
  act();
});

// Images instead of a drawing

function setPicture(file) {
  changeSubject();
  URL.revokeObjectURL(pictureUrl);
  picture = file;
  pictureUrl = file ? URL.createObjectURL(file) : "";
  $("picture").hidden = !file;
  const image = $("picture").querySelector("img");
  image.alt = file ? `The image that was chosen: ${file.name}` : "";
  if (file) image.src = pictureUrl;
  else image.removeAttribute("src");
}

function read(file) {
  if (!file) return;
  setPicture(file);
  ask();
}

function dismiss() {
  setPicture(null);
  notify("");
  ask();
}

$("dismiss").addEventListener("click", dismiss);
$("file").addEventListener("change", () => {
  read($("file").files[0]);
  $("file").value = ""; // choosing the same file again is a change, too
});
addEventListener("paste", (event) => read(event.clipboardData.files[0]));
addEventListener("dragover", (event) => {
  event.preventDefault();
  $("sheet").classList.add("dropping");
});
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) $("sheet").classList.remove("dropping");
});
addEventListener("drop", (event) => {
  event.preventDefault(); // or the browser would leave the page, and the drawing with it
  $("sheet").classList.remove("dropping");
  read(event.dataTransfer.files[0]);
});
