// The figures and names in a weights file's description.

import { html } from "../../elements.js";
import { translate } from "../../i18n.js";
import { exact, figure, moment, rough, short, whole } from "../numbers.js";

/** Show the main figures. */
export function facts(card) {
  const { architecture, metrics, recipe, history } = card;
  const main = [
    ["parameters", whole(architecture.parameters)],
    ["multiplications", short(architecture.multiplications)],
  ];
  if (metrics.test !== undefined) main.push(["test", exact(metrics.test)]);
  if (typeof recipe.seconds === "number") main.push(["trained", duration(recipe.seconds)]);
  const epochs = recipe.epochs ?? history.at(-1)?.epoch;
  if (typeof epochs === "number") main.push(["epochs", whole(epochs)]);
  const items = main.map(([name, value]) => html("div", {}, html("dd", {}, value), html("dt", { class: "quiet" }, translate(`card.fact_${name}`))));
  return html("dl", { class: "figures" }, ...items);
}

/** Show the rest of the description, collapsed. `named` names a held-out set. */
export function details(card, named) {
  const { calibration, input, refusal } = card;
  const about = {
    [translate("card.made")]: moment(card.created),
    [translate("card.seed")]: String(card.seed),
    [translate("card.version")]: card.version,
    [translate("card.built")]: `${card.network} ${written(card.arguments)}`,
    [translate("card.input")]: translate("card.input_told", {
      size: input.size.join(" × "),
      channels: input.channels,
      mean: input.mean,
      std: input.std,
    }),
    [translate("card.calibration")]: translate("card.calibration_told", {
      temperature: figure(calibration.temperature),
      sure: exact(calibration.sure_from),
    }),
    [translate("card.refuses")]: refusal
      ? translate("card.refusal_told", { others: rough(refusal.others), digits: exact(refusal.digits), auroc: figure(refusal.auroc), count: whole(refusal.count) })
      : translate(card.rejects ? "card.refusal_unknown" : "card.refuses_nothing"),
  };
  for (const [set, accuracy] of Object.entries(card.metrics)) about[translate("card.accuracy_on", { set: named(set) })] = exact(accuracy);
  return html(
    "section",
    { class: "more" },
    fold("about", about),
    fold("recipe", card.recipe),
    fold("versions", card.versions),
    fold("data", card.data),
  );
}

function fold(name, values) {
  const content = Object.keys(values).length ? list(values) : html("p", { class: "absent" }, translate("card.nothing"));
  return html("details", {}, html("summary", {}, translate(`card.${name}`)), content);
}

function list(values) {
  const entries = Object.entries(values).map(([name, value]) => html("div", {}, html("dt", {}, name), html("dd", {}, written(value))));
  return html("dl", {}, ...entries);
}

/** Write a JSON value on one line. */
function written(value) {
  if (Array.isArray(value)) return value.map(written).join(", ");
  if (value === null || typeof value !== "object") return String(value);
  return Object.entries(value)
    .map(([name, part]) => `${name} ${written(part)}`)
    .join(", ");
}

function duration(seconds) {
  const minutes = Math.floor(seconds / 60);
  const values = { minutes: whole(minutes), seconds: whole(Math.round(seconds - 60 * minutes)) };
  return translate(minutes ? "card.minutes" : "card.seconds", values);
}
