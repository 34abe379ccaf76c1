/* Global and message shortcuts: the ⚡ menu of the composer and the ⋯ menu of a message. */
import { post } from "./api.js";
import { h } from "./dom.js";
import { menuButton } from "./elements.js";
import { textString } from "./mrkdwn.js";
import { store } from "./store.js";
import { complain } from "./surface.js";
import { toast } from "./toasts.js";

async function run(shortcut, place) {
  const answer = await post("shortcut", { user: store.me, callback_id: shortcut.callback_id, ...place });
  if (!answer.ok) complain(answer);
}

function menu(entries) {
  const list = h("ul", { class: "menu", role: "menu", popover: "auto" }, entries.map(([name, note, act]) => h("li", { role: "none" },
    h("button", { type: "button", role: "menuitem", onclick: () => {
      list.hidePopover();
      act();
    } }, h("span", {}, name), note ? h("small", {}, note) : null))));
  return list;
}

function ofType(type) {
  return (store.app.shortcuts ?? []).filter((each) => each.type === type);
}

/** The ⚡ button with the app's global shortcuts, or null when it has none. */
export function globalMenu() {
  const entries = ofType("global").map((each) => [each.name, store.app.name, () => run(each, {})]);
  if (!entries.length) return null;
  return menuButton({ "aria-label": "Shortcuts", title: "Shortcuts" }, "⚡", menu(entries));
}

/** The ⋯ button of a message with the app's message shortcuts. */
export function messageMenu(channel, message) {
  const copy = async () => {
    const words = message.text ? textString({ type: "mrkdwn", text: message.text }) : "";
    await navigator.clipboard.writeText(words).then(() => toast("Copied."), () => toast("The browser did not allow copying.", "error"));
  };
  const entries = ofType("message").map((each) => [each.name, store.app.name, () => run(each, { channel, message_ts: message.ts })]);
  return menuButton({ "aria-label": "More actions", title: "More actions" }, "⋯", menu([...entries, ["Copy text", null, copy]]));
}
