// The reliability diagram: accuracy by confidence.

import { html } from "../../elements.js";
import { translate } from "../../i18n.js";
import { exact, rough, whole } from "../numbers.js";
import { Chart, slider } from "./chart.js";

const FEW = 20; // answers: their accuracy is mostly chance
const PARTS = [0, 0.25, 0.5, 0.75, 1];

/** Compare the confidence of the answers on a held-out set with their accuracy. */
export function reliability({ reliability: sets, scores }, set) {
  const bins = sets[set];
  const title = html("h3", { id: "card-reliability" }, translate("card.reliability"));
  const error = scores[set].calibration_error;
  const charts = [diagram(bins, error), histogram(bins)];
  const readout = html("p", { class: "readout", "aria-hidden": "true" }); // the slider has the same text
  const filled = bins.flatMap(({ count }, place) => (count ? [place] : []));

  function show(place) {
    const { count, confidence, accuracy } = bins[place];
    const [from, to] = [place / bins.length, (place + 1) / bins.length];
    for (const chart of charts) chart.point((from + to) / 2);
    const values = { from: rough(from), to: rough(to), count: whole(count), confidence: exact(confidence), accuracy: exact(accuracy) };
    readout.textContent = translate(count ? "card.bin" : "card.bin_empty", values);
    return readout.textContent;
  }

  const place = (x) => Math.floor(x * bins.length);
  const input = slider({ charts, count: bins.length, first: filled.at(-1) ?? 0, label: translate("card.confidence"), place, show });
  return html(
    "section",
    { class: "reliability", "aria-labelledby": title.id },
    title,
    html("p", { class: "how" }, translate("card.reliability_how", { error: exact(error) })),
    ...charts.map(({ picture }) => picture),
    input,
    readout,
  );
}

function diagram(bins, error) {
  const axis = { from: 0, to: 1, ticks: PARTS, write: rough };
  const label = translate("card.reliability_chart", { error: exact(error) });
  const chart = new Chart({ x: { ...axis, label: translate("card.confidence") }, y: { ...axis, label: translate("card.right") }, label });
  chart.line([[0, 0], [1, 1]], "ideal");
  bins.forEach(({ count, confidence, accuracy }, place) => {
    if (!count) return;
    chart.bar(place / bins.length, (place + 1) / bins.length, accuracy, count < FEW ? "few" : "many");
    chart.dot([confidence, accuracy], count < FEW ? "few" : "many", 4);
  });
  return chart;
}

/** Count the answers by confidence, on a logarithmic scale, since nearly all are very sure. */
function histogram(bins) {
  const scale = (count) => (count ? 0.3 + Math.log10(count) : 0);
  const most = Math.max(10, ...bins.map(({ count }) => count));
  const powers = Array.from({ length: Math.floor(Math.log10(most)) + 1 }, (_, power) => 10 ** power);
  const chart = new Chart({
    x: { from: 0, to: 1, ticks: PARTS, label: translate("card.confidence"), write: rough },
    y: {
      from: 0,
      to: scale(most),
      ticks: powers.map(scale),
      label: translate("card.answers"),
      write: (at) => whole(Math.round(10 ** (at - 0.3))),
    },
    label: translate("card.histogram"),
  });
  bins.forEach(({ count }, place) => {
    if (count) chart.bar(place / bins.length, (place + 1) / bins.length, scale(count), "many");
  });
  return chart;
}
