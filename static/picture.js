// An image that is read instead of the drawing: dropped, pasted, chosen or photographed.

import { $ } from "./elements.js";
import { translate } from "./i18n.js";

const TINY = 100; // pixels high: such an image is shown enlarged

/** Takes images; `file` is the current one, or null. Emits "change" when that changes. */
export class Picture extends EventTarget {
  file = null;
  #url = "";

  constructor() {
    super();
    const image = $("picture").querySelector("img");
    image.addEventListener("load", () => image.classList.toggle("tiny", image.naturalHeight < TINY));
    $("dismiss").addEventListener("click", () => this.dismiss());
    for (const input of [$("file"), $("camera")]) {
      input.addEventListener("change", () => {
        this.show(input.files[0]);
        input.value = ""; // choosing the same file again is a change, too
      });
    }
    addEventListener("paste", (event) => this.show(event.clipboardData.files[0]));
    addEventListener("dragover", (event) => {
      event.preventDefault();
      $("sheet").classList.add("dropping");
    });
    addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) $("sheet").classList.remove("dropping");
    });
    addEventListener("drop", (event) => {
      event.preventDefault(); // or the browser would leave the page and open the file
      $("sheet").classList.remove("dropping");
      this.show(event.dataTransfer.files[0]);
    });
  }

  /** Show `file`, an image, as if it had been chosen; undefined changes nothing. */
  show(file) {
    if (file) this.#become(file);
  }

  dismiss() {
    if (this.file) this.#become(null);
  }

  #become(file) {
    URL.revokeObjectURL(this.#url);
    this.file = file;
    this.#url = file ? URL.createObjectURL(file) : "";
    $("picture").hidden = !file;
    const image = $("picture").querySelector("img");
    image.alt = file ? translate("chosen", { name: file.name }) : "";
    if (file) image.src = this.#url;
    else image.removeAttribute("src");
    $("picture-boxes").replaceChildren();
    this.dispatchEvent(new Event("change"));
  }
}
