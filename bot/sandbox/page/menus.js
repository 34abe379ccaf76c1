/* A button with a menu of things to do. */
import { h } from "./dom.js";
import { menuButton } from "./elements.js";

/** `entries` are `[name, note, act]`; the button is named by `label`. */
export function actionMenu(label, glyph, entries) {
  const list = h("ul", { class: "menu", role: "menu", popover: "auto" }, entries.map(([name, note, act]) => h("li", { role: "none" },
    h("button", { type: "button", role: "menuitem", onclick: () => {
      list.hidePopover();
      act();
    } }, h("span", {}, name), note ? h("small", {}, note) : null))));
  return menuButton({ "aria-label": label, title: label }, glyph, list);
}
