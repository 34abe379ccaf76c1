/* Short notices in the corner: time-outs and errors stay a little longer. */
import { h } from "./dom.js";

const STAY = { info: 5000, error: 9000 };

/** Show words; `kind` is `info` or `error`. */
export function toast(words, kind = "info") {
  const close = h("button", { class: "quiet", type: "button", "aria-label": "Hide notice", onclick: () => box.remove() }, "×");
  const box = h("div", { class: `toast ${kind}`, role: kind === "error" ? "alert" : "status" }, h("span", {}, words), close);
  const place = document.querySelector("dialog[open]:last-of-type") ?? document.getElementById("toasts");
  const home = place.id === "toasts" ? place : place.querySelector(".toasts") ?? place.appendChild(h("div", { class: "toasts" }));
  home.append(box);
  setTimeout(() => box.remove(), STAY[kind]);
}
