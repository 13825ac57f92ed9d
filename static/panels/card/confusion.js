// The confusion matrix. A click on a cell shows digits of it.

import { get, Refusal } from "../../client.js";
import { hasModifier, html } from "../../elements.js";
import { percent, translate } from "../../i18n.js";
import { whole } from "../numbers.js";

const PALE = 8; // misread digits: the full colour stands for at least as many
const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

/** Show the matrix of a held-out set, which the page calls `title`, and the digits of the cell that is chosen. */
export function confusion(card, set, title) {
  const heading = html("h3", { id: "card-confusion" }, translate("card.confusion"));
  const section = html("section", { class: "confusion", "aria-labelledby": heading.id }, heading);
  const counts = card.confusion[set];
  if (!counts) {
    section.append(html("p", { class: "absent" }, translate("card.no_confusion")));
    return section;
  }
  const misread = counts.flatMap((row, i) => row.map((count, j) => [count, i, j])).filter(([count, i, j]) => count && i !== j);
  misread.sort(([one], [other]) => other - one);
  const shown = html("div", { class: "examples", role: "region", "aria-live": "polite", "aria-label": translate("card.examples") });
  const cells = new Cells(card.classes, counts, (true_, read) => showExamples(shown, card, set, title, counts, true_, read));
  section.append(
    html("p", { class: "how" }, translate("card.confusion_how")),
    html("div", { class: "matrix" }, cells.table),
    shown,
  );
  const [, ...first] = misread[0] ?? [0, 0, 0];
  cells.choose(...first);
  return section;
}

/** The matrix as a table of buttons. The tab key reaches one of them, the arrow keys the others. */
class Cells {
  #buttons;
  #chosen = null;
  #show;

  constructor(classes, counts, show) {
    this.#show = show;
    const most = Math.max(PALE, ...counts.flatMap((row, i) => row.filter((_, j) => i !== j)));
    this.#buttons = counts.map((row, i) => row.map((count, j) => this.#button(classes, count, i, j, most)));
    const heads = classes.map((name) => html("th", { scope: "col" }, name));
    this.table = html(
      "table",
      {},
      html("caption", { class: "quiet" }, translate("card.confusion_caption")),
      html("thead", {}, html("tr", {}, html("td"), ...heads)),
      html(
        "tbody",
        {},
        ...this.#buttons.map((row, i) => {
          const cells = row.map((button) => html("td", {}, button));
          return html("tr", {}, html("th", { scope: "row" }, classes[i]), ...cells);
        }),
      ),
    );
    this.table.addEventListener("keydown", (event) => this.#step(event));
  }

  choose(i, j) {
    this.#chosen?.setAttribute("aria-pressed", false);
    if (this.#chosen) this.#chosen.tabIndex = -1;
    this.#chosen = this.#buttons[i][j];
    this.#chosen.setAttribute("aria-pressed", true);
    this.#chosen.tabIndex = 0;
    this.#show(i, j);
  }

  #button(classes, count, i, j, most) {
    const values = { count: whole(count), true: classes[i], read: classes[j] };
    const label = i === j ? translate("card.cell_right", values) : translate("card.cell_wrong", values);
    const kind = i === j ? "right" : count ? "wrong" : "none";
    const attributes = { type: "button", class: kind, tabindex: -1, "aria-pressed": "false", "aria-label": label, title: label };
    const button = html("button", attributes, count ? String(count) : "·");
    // By the square root, so that one misread digit is seen beside twenty.
    if (kind === "wrong") button.style.setProperty("--shade", `${Math.round(18 + 67 * Math.sqrt(count / most))}%`);
    if (kind === "wrong" && count > 0.4 * most) button.classList.add("strong");
    button.addEventListener("click", () => this.choose(i, j));
    return button;
  }

  #step(event) {
    const size = this.#buttons.length;
    const at = this.#buttons.flat().indexOf(event.target);
    if (at < 0 || hasModifier(event)) return;
    const [row, column] = [Math.floor(at / size), at % size];
    const [down, right] = STEPS[event.key] ?? [0, { Home: -column, End: size - 1 - column }[event.key]];
    if (right === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.#buttons[row + down]?.[column + right]?.focus();
  }
}

async function showExamples(shown, { name, classes, examples }, set, title, counts, i, j) {
  const cell = { true: classes[i], read: classes[j] };
  const count = counts[i][j];
  const place = `${i} ${j}`;
  shown.dataset.cell = place;
  let pictures = [];
  let problem = "";
  if (count && examples[set]) {
    try {
      const query = new URLSearchParams({ set, ...cell });
      pictures = (await get(`models/${encodeURIComponent(name)}/examples?${query}`)).examples;
    } catch (error) {
      problem = error instanceof Refusal ? error.message : translate("unreachable");
    }
    if (shown.dataset.cell !== place) return; // another was chosen meanwhile
  }
  const values = { ...cell, count: whole(count), of: whole(counts[i].reduce((sum, each) => sum + each)), set: title };
  const sentences = [translate(i === j ? "card.told_right" : count ? "card.told_wrong" : "card.told_none", values)];
  if (problem) sentences.push(problem);
  else if (count && !examples[set]) sentences.push(translate("card.no_pictures", values));
  else if (count && !pictures.length) sentences.push(translate("card.no_picture"));
  else if (count) sentences.push(translate("card.shown"));
  const figures = pictures.map(({ image, confidence }) => {
    const text = translate("card.read_as", { read: cell.read, percent: percent(confidence) });
    const alt = translate("card.example", cell);
    return html("figure", {}, html("img", { src: image, alt, width: 84, height: 84 }), html("figcaption", {}, text));
  });
  shown.replaceChildren(html("p", {}, sentences.join(" ")), html("div", { class: "pictures" }, ...figures));
}
