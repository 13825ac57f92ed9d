// What would make it a 4? The smallest erasure and addition of ink found, and the digit that it leads to.

import { aDigit, percent, say } from "../../i18n.js";
import { Cells, SIDE, bytes } from "./heatmap.js";
import { html } from "../elements.js";
import { Choice, verdict } from "./labels.js";

export class Changes {
  #page;
  #choice;
  #heading = html("h2");
  #cells = new Cells();
  #before = html("img", { width: SIDE, height: SIDE });
  #after = html("img", { width: SIDE, height: SIDE });
  #beforeWords = html("figcaption");
  #afterWords = html("figcaption");
  #words = html("p", { class: "score", role: "status" });
  #pictures;
  #try = html("button", { type: "button" });
  #back = html("button", { type: "button" }, say("why.back"));
  #change = null;
  #tried = null; // {file, before}: the changed image that was tried, and the image that was there before, or null

  /** `page` is the page's, whose picture the changed digit may become; `choose` is told what is to be made of it. */
  constructor(page, choose) {
    this.#page = page;
    this.#choice = new Choice(say("why.make_it"), choose);
    const row = html("div", { class: "ask" }, html("span", { "aria-hidden": "true" }, say("why.make_it")));
    row.append(this.#choice.row);
    this.#cells.canvas.setAttribute("role", "img");
    const key = html("figcaption", {}, sample("erased"), sample("added"));
    this.#pictures = html(
      "div",
      { class: "pictures" },
      html("figure", { class: "changed" }, this.#cells.canvas, key),
      html("figure", {}, this.#before, this.#beforeWords),
      html("figure", {}, this.#after, this.#afterWords),
      this.#try,
    );
    this.#try.addEventListener("click", () => this.#tryIt());
    this.#back.addEventListener("click", () => this.#takeBack());
    this.#pictures.append(html("p", { class: "quiet" }, say("why.change_how")));
    this.#pictures.hidden = this.#back.hidden = true;
    this.root = html("section", {}, this.#heading, row, this.#words, this.#back, this.#pictures);
  }

  set isOld(old) {
    this.root.classList.toggle("old", old);
    this.root.setAttribute("aria-busy", old);
    this.#try.disabled = old;
  }

  /** Press the button of `label`, which is being looked for. */
  choose(label, answer) {
    this.#choice.show(label, answer.label, answer.label);
    this.#heading.textContent = say("why.what_if", { digit: aDigit(label) });
    if (label !== this.#change?.label) this.#words.textContent = say("why.searching");
  }

  /** Show the `change` that was found in the image whose `answer` has its ink, read as `found`, of `subject`. */
  show(change, answer, found, subject) {
    this.isOld = false;
    this.#change = change;
    this.#back.hidden = !this.#tried || subject.file !== this.#tried.file;
    this.#pictures.hidden = !change.found;
    const digit = aDigit(change.label);
    if (!change.found) {
      this.#words.textContent = say(`why.none_${change.ended}`, { digit, label: change.label });
      return;
    }
    const [erased, added] = [percent(change.erased), percent(change.added)];
    const kind = !change.added ? "erase" : !change.erased ? "add" : "both";
    const does = say(`why.change_${kind}`, { erased, added, digit });
    const then = verdict(change.label, change);
    this.#words.textContent = `${does} ${say("why.then", { then })}`;
    const [erase, add] = [bytes(change.erase), bytes(change.add)];
    this.#cells.show(Float32Array.from(add, (ink, i) => (ink - erase[i]) / 255), answer.ink);
    this.#cells.canvas.setAttribute("aria-label", does);
    this.#before.src = found.input;
    this.#before.alt = say("why.before");
    this.#beforeWords.textContent = `${say("why.before")}: ${verdict(found.label, found)}`;
    this.#after.src = change.image;
    this.#after.alt = say("why.after");
    this.#afterWords.textContent = `${say("why.after")}: ${then}`;
    this.#try.textContent = say("why.try");
  }

  async #tryIt() {
    const { image, label } = this.#change;
    const blob = await (await fetch(image)).blob();
    const file = new File([blob], `${label}.png`, { type: blob.type });
    this.#tried = { file, before: this.#page.picture.file };
    this.#page.picture.show(file);
  }

  #takeBack() {
    const { before } = this.#tried;
    this.#tried = null;
    if (before) this.#page.picture.show(before);
    else this.#page.picture.dismiss();
  }
}

function sample(name) {
  return html("span", { class: `key ${name}` }, html("i", { "aria-hidden": "true" }), say(`why.${name}`));
}
