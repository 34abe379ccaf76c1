/* The app's Home tab. */
import { renderBlocks } from "./blocks.js";
import { fill, h, redrawKeepingFocus } from "./dom.js";
import { Form } from "./forms.js";
import { store } from "./store.js";
import { Surface } from "./surface.js";

let form = new Form();
let owner = null;

/** What a Home tab holds. */
export function drawHome(view, surface) {
  return h("div", { class: "home-inner" }, renderBlocks(view.blocks, surface));
}

/** A node that shows the person's Home tab; `update()` draws the newest view. */
export class HomeTab {
  constructor() {
    this.node = h("div", { class: "home", role: "tabpanel", "aria-label": "Home", tabindex: "-1" });
    this.update();
  }

  update() {
    if (owner !== store.me) {
      owner = store.me;
      form = new Form();
    }
    const view = store.home;
    redrawKeepingFocus(this.node, () => {
      if (!view) {
        fill(this.node, h("div", { class: "empty" }, h("h3", {}, `${store.app.name ?? "The app"} has not filled this tab yet.`), h("p", {}, "It appears as soon as the app publishes it.")));
        return;
      }
      form.adopt(view.blocks);
      this.node.dataset.viewId = view.id ?? "";
      fill(this.node, drawHome(view, new Surface({ type: "home" }, { form })));
    });
  }
}
