// The training curves: loss and accuracy by epoch, of training and validation.

import { html, svg } from "../../elements.js";
import { translate } from "../../i18n.js";
import { exact, figure, rough, whole } from "../numbers.js";
import { Chart, slider, ticks } from "./chart.js";

const MANY = 60; // epochs: from here on the curves have no dots
const SIDES = ["training", "validation"];

/** Draw the curves of a card's history. */
export function curves(history) {
  const charts = [chart(history, "loss"), chart(history, "accuracy")];
  const readout = html("p", { class: "readout", "aria-hidden": "true" }); // the slider has the same text
  const cursors = charts.map((drawn) => SIDES.map((side) => drawn.dot([history[0].epoch, drawn.y.from], `cursor ${side}`, 5)));

  function show(place) {
    const epoch = history[place];
    charts.forEach((drawn, i) => {
      drawn.point(epoch.epoch);
      SIDES.forEach((side, j) => {
        const [cx, cy] = drawn.at(epoch.epoch, epoch[`${side}_${drawn.what}`]);
        cursors[i][j].setAttribute("cx", cx);
        cursors[i][j].setAttribute("cy", cy);
      });
    });
    readout.textContent = translate("card.epoch_told", {
      epoch: whole(epoch.epoch),
      training_loss: figure(epoch.training_loss),
      validation_loss: figure(epoch.validation_loss),
      training_accuracy: exact(epoch.training_accuracy),
      validation_accuracy: exact(epoch.validation_accuracy),
      rate: epoch.learning_rate.toExponential(1),
    });
    return readout.textContent;
  }

  const place = (x) => {
    const distances = history.map(({ epoch }) => Math.abs(epoch - x));
    return distances.indexOf(Math.min(...distances));
  };
  const last = history.length - 1;
  const input = slider({ charts, count: history.length, first: last, label: translate("card.epoch"), place, show });
  return html(
    "div",
    {},
    html("p", { class: "how" }, translate("card.training_how")),
    legend(),
    html("div", { class: "charts" }, ...charts.map(({ picture }) => picture)),
    input,
    readout,
  );
}

function legend() {
  const entries = SIDES.map((side) => {
    const sample = svg("svg", { width: 36, height: 10, "aria-hidden": "true" }, svg("path", { d: "M0 5H36", class: side }));
    return html("span", {}, sample, translate(`card.side_${side}`));
  });
  return html("p", { class: "legend" }, ...entries);
}

function chart(history, what) {
  const values = history.flatMap((epoch) => SIDES.map((side) => epoch[`${side}_${what}`]));
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  const epochs = history.map(({ epoch }) => epoch);
  const [from, to] = what === "loss" ? [0, highest || 1] : [Math.max(0, lowest - 0.05 * (1 - lowest)), 1];
  const drawn = new Chart({
    x: {
      from: epochs[0],
      to: epochs.at(-1),
      ticks: ticks(epochs[0], epochs.at(-1), 7).filter(Number.isInteger),
      label: translate("card.epoch"),
      write: whole,
    },
    y: { from, to: from === to ? from + 1 : to, ticks: ticks(from, to, 6), label: translate(`card.${what}`), write: what === "loss" ? figure : rough },
    label: translate(`card.${what}_chart`, {
      epochs: whole(history.length),
      first: (what === "loss" ? figure : exact)(history[0][`validation_${what}`]),
      last: (what === "loss" ? figure : exact)(history.at(-1)[`validation_${what}`]),
    }),
  });
  drawn.what = what;
  for (const side of SIDES) {
    const points = history.map((epoch) => [epoch.epoch, epoch[`${side}_${what}`]]);
    drawn.line(points, side);
    if (history.length <= MANY) for (const point of points) drawn.dot(point, side, 2.5);
  }
  return drawn;
}
