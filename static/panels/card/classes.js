// Accuracy per class, as a table with bars.

import { html } from "../../elements.js";
import { translate } from "../../i18n.js";
import { exact, rough, whole } from "../numbers.js";

const FLOORS = [0.99, 0.98, 0.95, 0.9, 0.8, 0.5, 0]; // where bars may begin: high enough to tell them apart

/** Show how much of each class of a held-out set was read right. */
export function byClass({ scores }, set) {
  const { by_class: classes, correct, loss } = scores[set];
  const title = html("h3", { id: "card-classes" }, translate("card.classes"));
  const section = html("section", { class: "classes", "aria-labelledby": title.id }, title);
  if (!classes) {
    section.append(html("p", { class: "absent" }, translate("card.no_confusion")));
    return section;
  }
  const lowest = Math.min(...classes.filter((each) => each.count).map(({ recall }) => recall));
  const floor = FLOORS.find((each) => each < lowest) ?? 0;
  const count = classes.reduce((sum, each) => sum + each.count, 0);
  const sums = {
    count: whole(count),
    correct: whole(correct),
    wrong: whole(count - correct),
    accuracy: exact(correct / (count || 1)),
    loss: loss.toFixed(4),
  };
  const heads = ["class", "accuracy", "wrong", "precision"];
  section.append(
    html("p", { class: "how" }, translate("card.classes_sum", sums), " ", translate("card.classes_how", { floor: rough(floor) })),
    html(
      "table",
      {},
      html("caption", { class: "unseen" }, translate("card.classes")),
      html("thead", {}, html("tr", {}, ...heads.map((name) => html("th", { scope: "col", class: name, colspan: name === "accuracy" ? 2 : null }, translate(`card.head_${name}`))))),
      html("tbody", {}, ...classes.map((each) => row(each, floor))),
    ),
  );
  return section;
}

function row({ class: name, count, recall, precision }, floor) {
  const bar = html("i");
  bar.style.setProperty("--part", count ? (recall - floor) / (1 - floor) : 0);
  return html(
    "tr",
    {},
    html("th", { scope: "row" }, name),
    html("td", { class: "drawn" }, html("span", { class: "bar", "aria-hidden": "true" }, bar)),
    html("td", {}, count ? exact(recall) : "–"),
    html("td", {}, translate("card.wrong_of", { wrong: whole(Math.round((1 - recall) * count)), count: whole(count) })),
    html("td", { class: "precision" }, exact(precision)),
  );
}
