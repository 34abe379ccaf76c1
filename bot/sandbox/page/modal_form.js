/* What a modal shows: its head, its blocks and its buttons. */
import { renderBlocks } from "./blocks.js";
import { h } from "./dom.js";
import { textNodes } from "./mrkdwn.js";

/** The id of the title of the open modal. */
export const MODAL_TITLE = "modal-title";

/** The form of a view; `notices` stand above its blocks, `onback` is null on the first of a stack. */
export function modalForm(view, surface, { sent = false, notices = [], onback, ondismiss, onclose, onsubmit }) {
  return h("form", { novalidate: true, "aria-busy": String(sent), onsubmit },
    head(view, onback, ondismiss),
    h("div", { class: "modal-body" }, notices.map((text) => h("p", { class: "notice error", role: "alert" }, text)), renderBlocks(view.blocks, surface)),
    foot(view, sent, onclose));
}

function head(view, onback, ondismiss) {
  return h("header", { class: "modal-head" },
    onback ? h("button", { class: "quiet", type: "button", "aria-label": "Back", onclick: onback }, "‹") : null,
    h("img", { src: "/page/flame.svg", alt: "", width: 22, height: 22 }),
    h("h2", { id: MODAL_TITLE }, textNodes(view.title)),
    h("button", { class: "quiet", type: "button", "aria-label": "Dismiss dialog", onclick: ondismiss }, "×"));
}

function foot(view, sent, onclose) {
  const cancel = h("button", { type: "button", onclick: onclose }, view.close ? textNodes(view.close) : "Cancel");
  const inputs = view.blocks.some((block) => block.type === "input");
  const submit = view.submit || inputs
    ? h("button", { class: "primary", type: "submit", "aria-busy": String(sent), disabled: sent || null }, view.submit ? textNodes(view.submit) : "Submit") : null;
  return h("footer", { class: "modal-foot" }, cancel, submit);
}
