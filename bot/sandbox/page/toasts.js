/* Short notices in the corner: time-outs and errors stay a little longer. */
import { h } from "./dom.js";

const STAY = { info: 5000, error: 9000 };

/** Show words; `kind` is `info` or `error`. */
export function toast(words, kind = "info") {
  const close = h("button", { class: "quiet", type: "button", "aria-label": "Hide notice", onclick: () => box.remove() }, "×");
  const box = h("div", { class: `toast ${kind}`, role: kind === "error" ? "alert" : "status" }, h("span", {}, words), close);
  shelf().append(box);
  setTimeout(() => box.remove(), STAY[kind]);
}

/** Bring the notices of the page into a dialog that has just opened above it. */
export function liftToasts() {
  shelf().append(...document.querySelectorAll("#toasts > .toast"));
}

/* What lies outside an open dialog is neither read out nor clickable, so its notices stand inside. */
function shelf() {
  const dialog = [...document.querySelectorAll("dialog[open]")].at(-1);
  if (!dialog) return document.getElementById("toasts");
  return dialog.querySelector(":scope > .toasts") ?? dialog.appendChild(h("div", { class: "toasts" }));
}
