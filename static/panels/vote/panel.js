// The panel "Ask them all": every network's answer on the same drawing, and the vote.

import { inWords } from "../../answer.js";
import { get, post, Refusal } from "../../client.js";
import { html } from "../../elements.js";
import { percent, translate } from "../../i18n.js";
import { exact, figure, rough, whole } from "../numbers.js";
import { boxes, inWords as voteInWords, tally } from "./tally.js";

const REST = 150; // in milliseconds: the networks are asked once the drawing rests
const AT_ONCE = 2; // networks; the server has other things to do
const LEAST = 0.001; // probabilities below this are shown as "under" it
const COLUMNS = ["network", "answer", "verdict", "sure", "second", "time", "parameters", "accuracy"];

/** Fill `root`. Returns {refresh(digit)}. */
export function mount(root) {
  const line = root.appendChild(html("p", { class: "line" }));
  const ballot = root.appendChild(html("div", { class: "ballot", "aria-hidden": "true" }));
  const announced = root.appendChild(html("p", { class: "unseen", role: "status" }));
  const body = html("tbody", { role: "rowgroup" });
  root.append(table(body), html("p", { class: "note quiet" }, translate("vote.note")));

  let models = null; // what GET /models lists
  let rows = new Map(); // by the network's name
  let answers = new Map(); // about the digit, by the network's name
  let digit = null;
  let queue = []; // the networks that are still to be asked
  const asked = new Set(); // those that have not answered yet
  let timer = 0;
  let loading = false;

  async function load() {
    if (models || loading) return;
    loading = true;
    try {
      const listed = (await get("models")).models;
      models = listed.sort((one, other) => (other.metrics.test ?? 0) - (one.metrics.test ?? 0));
      rows = new Map(models.map((model) => [model.name, new Row(model)]));
      body.replaceChildren(...[...rows.values()].map(({ element }) => element));
      begin();
    } catch (error) {
      line.textContent = error instanceof Refusal ? error.message : translate("unreachable"); // the next drawing tries again
    } finally {
      loading = false;
    }
  }

  /** Ask every network about the digit, once it has rested. */
  function begin() {
    clearTimeout(timer);
    queue = [];
    answers = new Map();
    for (const row of rows.values()) row.wait(Boolean(digit));
    if (!digit) {
      ballot.replaceChildren();
      line.textContent = translate("nothing_here");
      announced.textContent = "";
      return;
    }
    timer = setTimeout(() => {
      queue = [...rows.keys()];
      askMore();
    }, REST);
  }

  /** Ask as many as may be asked at once. A network that is slow to answer is not asked again meanwhile. */
  function askMore() {
    while (asked.size < AT_ONCE) {
      const next = queue.findIndex((name) => !asked.has(name));
      if (next < 0) return;
      ask(...queue.splice(next, 1), digit);
    }
  }

  async function ask(name, about) {
    asked.add(name);
    let answer;
    try {
      answer = await post(`predict?model=${encodeURIComponent(name)}`, await about.blob());
    } catch (error) {
      answer = { error: error instanceof Refusal ? error.message : translate("no_answer") };
    }
    asked.delete(name);
    if (about === digit) take(name, answer); // or else the answer is about an earlier drawing
    askMore();
  }

  function take(name, answer) {
    answers.set(name, answer);
    rows.get(name).show(answer);
    const given = tally(models.map((model) => model.name), answers);
    ballot.replaceChildren(...boxes(given.sides, rows.size));
    for (const [each, row] of rows) row.mark(given.against.has(each));
    line.textContent = voteInWords(given, rows.size);
    if (answers.size === rows.size) announced.textContent = line.textContent;
  }

  return {
    refresh(next) {
      const same = next && next === digit;
      digit = next;
      if (!models) {
        if (!next) line.textContent = translate("nothing_here");
        load();
      } else if (!same) begin();
    },
  };
}

function table(body) {
  const heads = COLUMNS.map((name) => html("th", { scope: "col", role: "columnheader", class: name }, translate(`vote.${name}`)));
  // Explicit roles: on a phone each row is laid out as a card, and would lose its role.
  return html(
    "table",
    { role: "table" },
    html("caption", { class: "unseen" }, translate("vote.caption")),
    html("thead", { role: "rowgroup" }, html("tr", { role: "row" }, ...heads)),
    body,
  );
}

/** A network's row of the table. */
class Row {
  constructor({ name, metrics, parameters }) {
    this.cells = Object.fromEntries(
      COLUMNS.slice(1).map((column) => {
        const label = ["time", "parameters", "accuracy", "second"].includes(column) ? translate(`vote.${column}`) : null;
        return [column, html("td", { role: "cell", class: column, "data-label": label })];
      }),
    );
    this.cells.parameters.textContent = whole(parameters);
    this.cells.accuracy.textContent = metrics.test === undefined ? "–" : exact(metrics.test);
    this.against = html("span", { class: "against", hidden: true }, `≠ ${translate("vote.against")}`);
    this.part = html("i");
    this.percent = html("span");
    this.cells.sure.append(html("span", { class: "bar", "aria-hidden": "true" }, this.part), this.percent);
    const title = html("th", { scope: "row", role: "rowheader", class: "network" }, html("span", {}, name), this.against);
    this.element = html("tr", { role: "row" }, title, ...Object.values(this.cells));
    this.wait(false);
  }

  /** Show that an answer is on its way, or that there is nothing to answer. */
  wait(asked) {
    this.element.classList.toggle("waiting", asked);
    if (!asked) this.show(null);
  }

  show(answer) {
    const { cells } = this;
    const read = answer && !answer.error ? answer : null;
    this.element.className = read?.verdict ?? "";
    cells.answer.textContent = read?.label ?? "–";
    cells.verdict.textContent = read ? inWords({ text: read.label, verdict: read.verdict, digits: [read] }) : (answer?.error ?? "–");
    this.part.style.setProperty("--part", read?.label ? read.confidence : 0);
    this.percent.textContent = read?.label ? percent(read.confidence) : "–";
    cells.second.textContent = read?.label ? second(read) : "–";
    cells.time.textContent = read ? translate("vote.ms", { ms: figure(read.elapsed_ms) }) : "–";
    if (!read) this.mark(false);
  }

  /** Mark whether the network disagrees with most of the others. */
  mark(against) {
    this.element.classList.toggle("disagrees", against);
    this.against.hidden = !against;
  }
}

/** Write the second most probable class with its probability. */
function second({ label, probabilities }) {
  const [other, probability] = Object.entries(probabilities)
    .filter(([each]) => each !== label)
    .reduce((best, each) => (each[1] > best[1] ? each : best));
  const text = probability < LEAST ? translate("vote.under", { percent: rough(LEAST) }) : percent(probability);
  return translate("box", { label: other, percent: text });
}
