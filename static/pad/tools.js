// The tools beside the pad, and their keys.

import { $, html, svg } from "../elements.js";
import { translate } from "../i18n.js";
import { HEIGHT, toPng, toSvg } from "./ink.js";
import { replay } from "./replay.js";
import { LABELS, placed, sample } from "./samples.js";
import { encode } from "./share-link.js";

const SHOWN_FOR = 6000; // in milliseconds

/** Connect the page's buttons and keys with `pad`, its `drawing` and the `picture` that may cover it. */
export function useTools(pad, drawing, picture) {
  let endReplay = null;
  let timer = 0;

  const acts = {
    undo: () => pad.cancel() || drawing.undo(),
    redo: () => pad.isBusy || drawing.redo(),
    clear: () => (pad.cancel(), drawing.clear()),
    replay: () => {
      if (endReplay) return endReplay();
      if (drawing.isEmpty) return;
      $("replay").setAttribute("aria-pressed", true);
      endReplay = replay(pad, drawing.strokes, () => {
        endReplay = null;
        $("replay").setAttribute("aria-pressed", false);
      });
    },
    "save-png": async () => save(await toPng(drawing.strokes, 4), "digitpad.png"),
    "save-svg": () => save(new Blob([toSvg(drawing.strokes)], { type: "image/svg+xml" }), "digitpad.svg"),
    "copy-image": async () => {
      try {
        // A promise, since some browsers allow no write after an await: the click is too long ago.
        await navigator.clipboard.write([new ClipboardItem({ "image/png": toPng(drawing.strokes, 4) })]);
        notify(translate("copied_image"));
      } catch {
        notify(translate("not_copied_image"));
      }
    },
    "copy-link": async () => {
      const link = new URL(`#${encode(drawing.strokes)}`, location.href).href;
      try {
        await navigator.clipboard.writeText(link);
        notify(translate("copied_link"));
      } catch {
        notify(`${translate("not_copied")} ${link}`, true);
      }
    },
  };
  const needInk = ["clear", "replay", "keep", "save-png", "save-svg", "copy-image", "copy-link"];

  function notify(text, stays = false) {
    clearTimeout(timer);
    $("message").textContent = text;
    if (!stays) timer = setTimeout(() => ($("message").textContent = ""), SHOWN_FOR);
  }

  function refresh() {
    $("undo").disabled = !drawing.canUndo && !pad.isBusy;
    $("redo").disabled = !drawing.canRedo;
    for (const id of needInk) $(id).disabled = drawing.isEmpty && !pad.isBusy;
  }

  function setWidth(width) {
    $("width").value = width;
    pad.penWidth = Number($("width").value);
    $("width").setAttribute("aria-valuetext", translate("pen_width", { width: pad.penWidth, height: HEIGHT }));
    $("nib").style.setProperty("--nib", pad.penWidth);
  }

  function setTool(tool) {
    pad.tool = tool;
    $("tool").querySelector(`[value=${tool}]`).checked = true;
  }

  for (const [id, act] of Object.entries(acts)) {
    $(id).addEventListener("click", () => {
      if (id !== "replay") endReplay?.();
      act();
      if (id.includes("-")) $("keeping").hidePopover();
    });
  }
  $("width").addEventListener("input", () => setWidth($("width").value));
  $("tool").addEventListener("change", (event) => setTool(event.target.value));
  $("help").addEventListener("click", () => $("keys").showModal());
  drawing.addEventListener("change", refresh);
  pad.addEventListener("ink", refresh);
  $("samples").append(
    ...LABELS.map((label) => {
      const title = translate("sample", { label });
      const lines = sample(label).map((stroke) => `M${stroke.join("L")}`);
      const icon = svg("svg", { class: "icon", viewBox: "0 0 100 100", "aria-hidden": true }, svg("path", { d: lines.join("") }));
      const button = html("button", { type: "button", title, "aria-label": title }, icon);
      button.addEventListener("click", () => {
        endReplay?.();
        drawing.become([...drawing.strokes, ...placed(label, drawing.strokes, pad.penWidth)]);
      });
      return button;
    }),
  );
  setWidth($("width").value);
  setTool($("tool").querySelector(":checked").value); // a browser may restore the choice after a reload
  refresh();

  const keys = {
    b: () => setTool("pen"),
    e: () => setTool("strokes"),
    a: () => setTool("area"),
    "[": () => setWidth(pad.penWidth - 2),
    "]": () => setWidth(pad.penWidth + 2),
    delete: acts.clear,
    backspace: acts.clear,
    r: acts.replay,
    s: acts["save-png"],
    v: acts["save-svg"],
    c: acts["copy-image"],
    l: acts["copy-link"],
    o: () => $("file").click(),
    d: () => $("pad").focus(),
    "?": () => $("keys").showModal(),
    escape: () => (endReplay ? endReplay() : picture.dismiss()),
  };
  const commands = { z: (event) => (event.shiftKey ? acts.redo() : acts.undo()), y: acts.redo };

  addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    const command = event.ctrlKey || event.metaKey;
    const act = (command ? commands : keys)[key];
    if (!act || event.altKey || $("keys").open || event.target.matches("input[type=text], input[type=number], textarea, select")) return;
    const wantsInk = ["s", "v", "c", "l", "r"].includes(key) && !command;
    if (wantsInk && drawing.isEmpty) return;
    if (key === "escape" && !endReplay && !picture.file) return;
    event.preventDefault();
    if (key !== "r" && key !== "escape") endReplay?.();
    act(event);
  });
}

function save(blob, name) {
  const link = html("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser needs it until the download has begun
}
