// The counterfactual: the smallest change of ink found that makes it another digit.

import { html } from "../../elements.js";
import { aDigit, percent, translate } from "../../i18n.js";
import { bytesOf } from "../weights.js";
import { Heatmap, SIDE } from "./heatmap.js";
import { Choice, verdict } from "./labels.js";

export class Counterfactual {
  #picture;
  #choice;
  #heading = html("h2");
  #heatmap = new Heatmap();
  #before = html("img", { width: SIDE, height: SIDE });
  #after = html("img", { width: SIDE, height: SIDE });
  #beforeWords = html("figcaption");
  #afterWords = html("figcaption");
  #words = html("p", { class: "score", role: "status" });
  #pictures;
  #try = html("button", { type: "button" });
  #back = html("button", { type: "button" }, translate("why.back"));
  #change = null;
  #tried = null; // {file, before}: the changed image that was tried, and the image that was there before, or null

  /** `picture` is where the changed digit can be tried; `choose` is called with the label to aim at. */
  constructor(picture, choose) {
    this.#picture = picture;
    this.#choice = new Choice(translate("why.make_it"), choose);
    this.#heatmap.canvas.setAttribute("role", "img");
    const key = html("figcaption", {}, sample("erased"), sample("added"));
    this.#pictures = html(
      "div",
      { class: "pictures" },
      html("figure", { class: "changed" }, this.#heatmap.canvas, key),
      html("figure", {}, this.#before, this.#beforeWords),
      html("figure", {}, this.#after, this.#afterWords),
      this.#try,
    );
    this.#try.addEventListener("click", () => this.#tryIt());
    this.#back.addEventListener("click", () => this.#takeBack());
    this.#pictures.append(html("p", { class: "quiet" }, translate("why.change_how")));
    this.#pictures.hidden = this.#back.hidden = true;
    this.root = html("section", {}, this.#heading, this.#choice.row, this.#words, this.#back, this.#pictures);
  }

  set isOld(old) {
    this.root.classList.toggle("old", old);
    this.root.setAttribute("aria-busy", old);
    this.#try.disabled = old;
  }

  /** Press the button of `label`: the search for it has begun. */
  choose(label, answer) {
    this.#choice.show(label, answer.label, answer.label);
    this.#heading.textContent = translate("why.what_if", { digit: aDigit(label) });
    if (label !== this.#change?.label) this.#words.textContent = translate("why.searching");
  }

  /** Show `change`. `answer` has the ink, `reading` is the reading before the change, and `file` its image or null. */
  show(change, answer, reading, file) {
    this.isOld = false;
    this.#change = change;
    this.#back.hidden = !this.#tried || file !== this.#tried.file;
    this.#pictures.hidden = !change.found;
    const digit = aDigit(change.label);
    if (!change.found) {
      this.#words.textContent = translate(`why.none_${change.ended}`, { digit, label: change.label });
      return;
    }
    const [erased, added] = [percent(change.erased), percent(change.added)];
    const kind = !change.added ? "erase" : !change.erased ? "add" : "both";
    const does = translate(`why.change_${kind}`, { erased, added, digit });
    const then = verdict(change.label, change);
    this.#words.textContent = `${does} ${translate("why.then", { then })}`;
    const [erase, add] = [bytesOf(change.erase), bytesOf(change.add)];
    this.#heatmap.show(Float32Array.from(add, (ink, i) => (ink - erase[i]) / 255), answer.ink);
    this.#heatmap.canvas.setAttribute("aria-label", does);
    this.#before.src = reading.input;
    this.#before.alt = translate("why.before");
    this.#beforeWords.textContent = `${translate("why.before")}: ${verdict(reading.label, reading)}`;
    this.#after.src = change.image;
    this.#after.alt = translate("why.after");
    this.#afterWords.textContent = `${translate("why.after")}: ${then}`;
    this.#try.textContent = translate("why.try");
  }

  async #tryIt() {
    const { image, label } = this.#change;
    const blob = await (await fetch(image)).blob();
    const file = new File([blob], `${label}.png`, { type: blob.type });
    this.#tried = { file, before: this.#picture.file };
    this.#picture.show(file);
  }

  #takeBack() {
    const { before } = this.#tried;
    this.#tried = null;
    if (before) this.#picture.show(before);
    else this.#picture.dismiss();
  }
}

function sample(name) {
  return html("span", { class: `key ${name}` }, html("i", { "aria-hidden": "true" }), translate(`why.${name}`));
}
