// The panel "Why": which ink spoke for a digit and which against it, and what would change the answer.

import { LatestOnly, post, Refusal, Unreachable } from "../../client.js";
import { html } from "../../elements.js";
import { translate } from "../../i18n.js";
import { Attribution } from "./attribution.js";
import { Counterfactual } from "./counterfactual.js";
import { inkIn } from "./heatmap.js";

const PATIENCE = 500; // in milliseconds, before a note asks to wait
const REST = 150; // in milliseconds: the server is asked once the drawing rests

export function mount(root, picture) {
  const questions = new LatestOnly();
  const attribution = new Attribution((label) => choose({ label }));
  const counterfactual = new Counterfactual(picture, (towards) => choose({ towards }));
  const notice = html("p", { class: "note", role: "status" });
  const all = html("div", { class: "all", hidden: true }, attribution.root, counterfactual.root);
  root.append(notice, all);

  let digit = null;
  let wanted = { label: null, towards: null }; // null: the answer's label, and the second most probable
  let asked = null; // the last question: {digit, label, towards}
  let answer = null; // whose maps are shown
  let answered = null; // its question
  let timer = 0;
  let patience = 0; // a timer: who waits longer is told

  function choose(choice) {
    wanted = { ...wanted, ...choice };
    if (wanted.label === answer?.label) wanted.label = null; // the button of the answer's label follows the answer
    clearTimeout(timer);
    ask();
  }

  function refresh(next) {
    if (next && next === digit) return; // the panel was opened again
    digit = next;
    clearTimeout(timer);
    if (!digit) {
      wanted = { label: null, towards: null };
      answer = asked = answered = null;
      return tell(translate("nothing_here"));
    }
    attribution.isOld = counterfactual.isOld = true;
    if (!answer) tell("");
    timer = setTimeout(ask, REST);
  }

  /** Ask for the maps, unless they are there, and for the counterfactual. Outdated answers are dropped. */
  function ask() {
    const about = (asked = { digit, ...wanted });
    const isThere = () => answered?.digit === about.digit && answered.label === about.label;
    attribution.isOld = !isThere();
    counterfactual.isOld = true;
    clearTimeout(patience); // it begins here, because a question waits until the one before it is answered
    patience = setTimeout(() => !answer && isNow(about) && tell(translate("why.wait")), PATIENCE);
    questions.run(async () => {
      try {
        const image = await about.digit.blob();
        if (!isNow(about)) return;
        if (!isThere()) {
          const label = about.label ? `&for=${about.label}` : "";
          const fetched = await post(`inspect?layers=none&why=true${label}`, image);
          if (!fetched.frame) return isNow(about) && tell(translate("blank"));
          fetched.ink = await inkOf(image, fetched);
          if (!isNow(about)) return;
          [answer, answered] = [fetched, about];
          tell("");
          attribution.show(answer, about.digit.reading);
        }
        if (!isNow(about)) return;
        const towards = about.towards && about.towards !== answer.label ? about.towards : nextTo(answer);
        counterfactual.choose(towards, answer);
        const { change, ...reading } = await post(`inspect?layers=none&towards=${towards}`, image);
        if (isNow(about)) counterfactual.show(change, answer, reading, about.digit.file);
      } catch (error) {
        if (isNow(about)) explain(error);
      } finally {
        if (isNow(about)) clearTimeout(patience);
      }
    });
  }

  const isNow = (about) => asked === about && digit === about.digit;

  function explain(error) {
    answer = answered = null;
    if (error instanceof Unreachable) tell(translate("unreachable"));
    else if (error instanceof Refusal) tell(error.message);
    else throw error;
  }

  function tell(text) {
    if (notice.textContent !== text) notice.textContent = text;
    notice.hidden = !text;
    all.hidden = !answer || Boolean(text);
  }

  return { refresh };
}

/** Return the second most probable digit. */
function nextTo({ label, probabilities }) {
  const others = Object.keys(probabilities).filter((other) => other !== label);
  return others.reduce((best, other) => (probabilities[other] > probabilities[best] ? other : best));
}

async function inkOf(image, { frame, input }) {
  try {
    return await inkIn(image, frame);
  } catch {
    // The server decodes formats that this browser does not: then show what the network saw.
    return inkIn(await (await fetch(input)).blob(), [0, 0, 28]);
  }
}
