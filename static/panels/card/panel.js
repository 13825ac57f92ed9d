// The panel "The network": its architecture, its training and its errors, all from its weights file.

import { get, Refusal } from "../../client.js";
import { html } from "../../elements.js";
import { translate } from "../../i18n.js";
import { architecture } from "./architecture.js";
import { byClass } from "./classes.js";
import { confusion } from "./confusion.js";
import { curves } from "./curves.js";
import { details, facts } from "./facts.js";
import { reliability } from "./reliability.js";

export const STYLES = ["panel", "charts", "errors"];

const SETS = { validation: "validation", "pen validation": "pen_validation", test: "test" }; // in the order of display; by the file's name: that of the text

/** Fill `root`. The card does not depend on what is drawn. */
export function mount(root) {
  const select = html("select", { id: "card-network" });
  const chooser = html("p", { class: "chooser" }, html("label", { for: "card-network" }, translate("card.network")), select);
  const trouble = html("p", { role: "alert", hidden: true });
  const body = html("div", { class: "all" });
  const shared = new Set(); // the networks that read no digits, whose errors are of another kind
  let wanted = null; // the name of the network that is to be shown
  let set = null; // the held-out set that was chosen, for the next network, too
  let loading = false;
  root.append(chooser, trouble, body);

  async function load() {
    if (loading) return;
    loading = true;
    try {
      if (!select.length) {
        const { models, companions, default: best } = await get("models");
        for (const { name } of companions) shared.add(name);
        select.append(...[...models, ...companions].map(({ name }) => html("option", { selected: name === best }, name)));
      }
      do {
        wanted = select.value;
        const card = await get(`models/${encodeURIComponent(wanted)}`);
        if (select.value === wanted) show(card);
      } while (select.value !== wanted);
      trouble.hidden = true;
    } catch (error) {
      trouble.hidden = false;
      trouble.textContent = error instanceof Refusal ? error.message : translate("unreachable");
      wanted = null; // the next refresh tries again
    } finally {
      loading = false;
    }
  }

  function show(card) {
    const judged = html("div", { class: "judged" });
    const showSet = (name) => {
      set = name;
      judged.replaceChildren(byClass(card, name), confusion(card, name, named(name)), reliability(card, name));
    };
    const sets = Object.keys(card.scores).sort((one, other) => place(one) - place(other));
    const choice = sets.length ? chooseSet(sets, sets.includes(set) ? set : sets[0], showSet) : absent("card.no_figures");
    body.replaceChildren(
      facts(card),
      part("architecture", architecture(card)),
      part("training", card.history.length ? curves(card.history) : absent("card.no_history")),
      ...(shared.has(card.name) ? [] : [part("errors", choice, judged)]),
      details(card, named),
    );
  }

  select.addEventListener("change", load);
  return {
    refresh() {
      if (!wanted) load();
    },
  };
}

function part(name, ...children) {
  const title = html("h2", { id: `card-${name}` }, translate(`card.${name}`));
  return html("section", { class: name, "aria-labelledby": title.id }, title, ...children);
}

function absent(text) {
  return html("p", { class: "absent" }, translate(text));
}

/** The position of a held-out set: known sets in their order, then the others. */
function place(set) {
  return set in SETS ? Object.keys(SETS).indexOf(set) : Object.keys(SETS).length;
}

/** The name of a held-out set, in the page's language where it is a known one. */
function named(set) {
  return set in SETS ? translate(`card.set_${SETS[set]}`) : set;
}

function chooseSet(sets, first, show) {
  const choices = sets.map((name) => {
    const input = html("input", { type: "radio", name: "card-set", value: name, checked: name === first });
    input.addEventListener("change", () => show(name));
    return html("label", {}, input, named(name));
  });
  show(first);
  return html("fieldset", { class: "choices" }, html("legend", { class: "unseen" }, translate("card.set")), ...choices);
}
