// The panels below the sheet: each is a module of its own, which is loaded when it is first opened.
//
// A panel's folder has a panel.js that exports `mount(root, picture)`, which fills `root` and returns {refresh(digit)}.
// `refresh` is called when the panel is opened, and whenever the page shows another digit, or null. A panel with more
// style sheets than panel.css exports the names of all, as `STYLES`.

import { $, addStyle, hasModifier, html } from "../elements.js";
import { translate } from "../i18n.js";
import { store, stored } from "../storage.js";

const OPEN = "digitpad.panel";

/** The tabs and the panel that is open. Panels may show another `picture`. */
export class Panels {
  #picture;
  #tabs = [...$("tabs").children];
  #open = null; // a tab
  #mounted = new Map(); // by name: {root, panel}
  #digit = null;

  constructor(picture) {
    this.#picture = picture;
    for (const tab of this.#tabs) {
      tab.addEventListener("click", () => this.#toggle(tab));
      tab.addEventListener("keydown", (event) => this.#key(event, tab));
    }
    addEventListener("keydown", (event) => {
      const tab = this.#tabs[Number(event.key) - 1];
      if (!tab || hasModifier(event) || event.target.matches("input, select, textarea")) return;
      this.#toggle(tab);
    });
    const last = this.#tabs.find(({ dataset }) => dataset.panel === stored(OPEN));
    if (last) this.#choose(last);
  }

  /** Show the open panel another digit, or null. */
  refresh(digit) {
    this.#digit = digit;
    this.#mounted.get(this.#open?.dataset.panel)?.panel?.refresh(digit);
  }

  #key(event, tab) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const count = this.#tabs.length;
    const place = { Home: 0, End: count - 1 }[event.key] ?? (this.#tabs.indexOf(tab) + step + count) % count;
    if (Number.isNaN(place)) return;
    event.preventDefault();
    this.#tabs[place].focus();
    this.#choose(this.#tabs[place]);
  }

  #toggle(tab) {
    this.#choose(tab === this.#open ? null : tab);
  }

  async #choose(tab) {
    this.#open = tab;
    for (const each of this.#tabs) {
      each.setAttribute("aria-selected", each === tab);
      each.tabIndex = each === (tab ?? this.#tabs[0]) ? 0 : -1;
    }
    $("panel").hidden = !tab;
    store(OPEN, tab?.dataset.panel ?? "");
    if (!tab) return;
    const name = tab.dataset.panel;
    $("panel").setAttribute("aria-labelledby", tab.id);
    if (!this.#mounted.has(name)) await this.#mount(name);
    if (this.#open !== tab) return; // another was chosen meanwhile
    $("panel").replaceChildren(this.#mounted.get(name).root);
    this.#mounted.get(name).panel?.refresh(this.#digit);
  }

  async #mount(name) {
    const root = html("div", { class: name }, html("p", { class: "intro" }, translate(`${name}.intro`)));
    this.#mounted.set(name, { root, panel: null });
    $("panel").replaceChildren(root);
    const { mount, STYLES = ["panel"] } = await import(`./${name}/panel.js`);
    await Promise.all(STYLES.map((sheet) => addStyle(new URL(`./${name}/${sheet}.css`, import.meta.url))));
    this.#mounted.get(name).panel = mount(root, this.#picture);
  }
}
