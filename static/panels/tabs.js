// The panels below the sheet: each is a module of its own, which is loaded when it is first opened.
//
// A panel's module exports `mount(root, page)`, which fills `root` and returns {refresh(subject)}. It is called when the
// panel is opened, and again whenever there is something else to look at; `subject` is null where there is nothing. A
// panel with other style sheets than panel.css exports their names, in `STYLES`.

import { keep, kept } from "../storage.js";
import { say } from "../i18n.js";

const OPEN = "digitpad.panel";

const $ = (id) => document.getElementById(id);
const mounted = new Map(); // by name: {root, panel}
let open = null;
let subject = null;

/** Make the tabs work. `page` is what the panels may use of the page. */
export function usePanels(page) {
  const tabs = [...($("tabs")?.children ?? [])];
  for (const tab of tabs) {
    tab.addEventListener("click", () => choose(tab === open ? null : tab, page));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const place = { Home: 0, End: tabs.length - 1 }[event.key] ?? (tabs.indexOf(tab) + step + tabs.length) % tabs.length;
      if (Number.isNaN(place)) return;
      event.preventDefault();
      tabs[place].focus();
      choose(tabs[place], page);
    });
  }
  addEventListener("keydown", (event) => {
    const tab = tabs[Number(event.key) - 1];
    if (!tab || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
    choose(tab === open ? null : tab, page);
  });
  const last = tabs.find(({ dataset }) => dataset.panel === kept(OPEN));
  if (last) choose(last, page);
}

/** Tell the open panel that there is something else to look at. */
export function refresh(next) {
  subject = next;
  mounted.get(open?.dataset.panel)?.panel?.refresh(subject);
}

async function choose(tab, page) {
  open = tab;
  for (const each of $("tabs").children) {
    each.setAttribute("aria-selected", each === tab);
    each.tabIndex = each === (tab ?? $("tabs").firstElementChild) ? 0 : -1;
  }
  $("panel").hidden = !tab;
  keep(OPEN, tab?.dataset.panel ?? "");
  if (!tab) return;
  const name = tab.dataset.panel;
  $("panel").setAttribute("aria-labelledby", tab.id);
  if (!mounted.has(name)) {
    const root = document.createElement("div");
    root.className = name;
    const intro = root.appendChild(document.createElement("p"));
    intro.className = "intro";
    intro.textContent = say(`${name}.intro`);
    mounted.set(name, { root, panel: null });
    $("panel").replaceChildren(root);
    const { mount, STYLES = ["panel"] } = await import(`./${name}/panel.js`);
    await Promise.all(STYLES.map((sheet) => style(`${name}/${sheet}`)));
    mounted.get(name).panel = mount(root, page);
  }
  if (open !== tab) return; // another was chosen meanwhile
  $("panel").replaceChildren(mounted.get(name).root);
  mounted.get(name).panel?.refresh(subject);
}

function style(name) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL(`./${name}.css`, import.meta.url).href;
  return new Promise((resolve) => {
    link.onload = link.onerror = resolve;
    document.head.append(link);
  });
}
