/* Shortcuts and workflow steps of the app: the ⚡ menu of the composer and the ⋯ menu of a message. */
import { post } from "./api.js";
import { ask } from "./ask.js";
import { actionMenu } from "./menus.js";
import { textString } from "./mrkdwn.js";
import { store } from "./store.js";
import { complain } from "./surface.js";
import { toast } from "./toasts.js";

async function run(shortcut, place) {
  const answer = await post("shortcut", { user: store.me, callback_id: shortcut.callback_id, ...place });
  if (!answer.ok) complain(answer);
}

function ofType(type) {
  return (store.app.shortcuts ?? []).filter((each) => each.type === type);
}

/* A step stands alone here as a workflow of one: the person gives its inputs. */
async function step(each, channel) {
  const asked = each.input_parameters.filter((field) => field.type !== "slack#/types/user_context");
  const fields = asked.map((field) => ({ ...field, required: field.is_required }));
  const inputs = fields.length ? await ask(each.title, "Run", fields, channel) : {};
  if (!inputs) return;
  const answer = await post("step", { user: store.me, channel, callback_id: each.callback_id, inputs });
  if (!answer.ok) complain(answer);
}

/** The ⚡ button with the app's global shortcuts and steps, or null when it has none. */
export function globalMenu(channel) {
  const entries = [
    ...ofType("global").map((each) => [each.name, store.app.name, () => run(each, {})]),
    ...store.app.functions.map((each) => [each.title, `Workflow step of ${store.app.name}`, () => step(each, channel)]),
  ];
  return entries.length ? actionMenu("Shortcuts", "⚡", entries) : null;
}

/** The ⋯ button of a message with the app's message shortcuts. */
export function messageMenu(channel, message) {
  const copy = async () => {
    const words = message.text ? textString({ type: "mrkdwn", text: message.text }) : "";
    await navigator.clipboard.writeText(words).then(() => toast("Copied."), () => toast("The browser did not allow copying.", "error"));
  };
  const entries = ofType("message").map((each) => [each.name, store.app.name, () => run(each, { channel, message_ts: message.ts })]);
  const remove = async () => {
    const answer = await post("delete", { user: store.me, channel, ts: message.ts });
    if (!answer.ok) complain(answer);
  };
  const mayRemove = message.user === store.me || store.isAdmin();
  return actionMenu("More actions", "⋯", [...entries, ["Copy text", null, copy], ...(mayRemove ? [["Delete message", null, remove]] : [])]);
}
