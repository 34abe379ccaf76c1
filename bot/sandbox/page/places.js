/* Where people meet: writing to someone, bringing people and the app in and out, closing a channel. */
import { post } from "./api.js";
import { ask } from "./ask.js";
import { h } from "./dom.js";
import { actionMenu } from "./menus.js";
import { isDirect, others, store } from "./store.js";
import { complain } from "./surface.js";

async function change(what, body) {
  const answer = await post(what, body);
  if (!answer.ok) complain(answer);
  return answer;
}

function go(channel) {
  document.dispatchEvent(new CustomEvent("go", { detail: { channel } }));
}

/** Ask whom to write to and open that conversation. */
export async function startConversation() {
  const answer = await ask("Write to", "Open", [{ name: "people", type: "users", title: "People", required: true }]);
  if (!answer) return;
  const opened = await change("converse", { user: store.me, users: [store.me, ...answer.people] });
  if (!opened.ok) return;
  store.channels.set(opened.channel.id, opened.channel);
  store.tell("sidebar");
  go(opened.channel.id);
}

async function inviteSomeone(channel) {
  const answer = await ask(`Add to ${store.title(channel)}`, "Add", [{ name: "people", type: "users", title: "People", required: true }]);
  for (const user of answer?.people ?? []) await change("invite", { user, inviter: store.me, channel: channel.id });
}

/** What can be done with a conversation: a button that adds the app where it is missing, and a menu. */
export function channelMenu(channel) {
  const here = (channel.members ?? []).includes(store.app.user_id);
  if (channel === store.appChannel()) return null;
  if (channel.is_archived) return h("button", { type: "button", onclick: () => change("unarchive", { user: store.me, channel: channel.id }) }, "Unarchive");
  const app = store.app.name;
  const add = here ? null : h("button", { type: "button", onclick: () => change("invite", { user: store.app.user_id, inviter: store.me, channel: channel.id }) }, `Add ${app}`);
  const entries = [
    ["Add people", null, () => inviteSomeone(channel)],
    here ? [`Remove ${app}`, null, () => change("remove", { user: store.app.user_id, channel: channel.id })] : null,
    ...others(channel).filter((id) => id !== store.app.user_id)
      .map((id) => [`Remove ${store.user(id)?.real_name ?? id}`, null, () => change("remove", { user: id, channel: channel.id })]),
    ["Archive this channel", null, () => change("archive", { user: store.me, channel: channel.id })],
  ].filter(Boolean);
  return [add, isDirect(channel) ? null : actionMenu("Channel actions", "⋯", entries)];
}
