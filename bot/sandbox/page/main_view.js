/* The middle column: a channel with its composer, or the app with its tabs; and the thread beside it. */
import { composer } from "./composer.js";
import { fill, h } from "./dom.js";
import { HomeTab } from "./home.js";
import { MessageList } from "./messages.js";
import { channelMenu } from "./places.js";
import { isDirect, partner, store } from "./store.js";

let list = null;
let home = null;
let thread = null;
const drawn = { main: null, thread: null };

/** Redraw on a change of place, and keep messages and Home up to date. */
export function startMainView() {
  store.on("place", () => {
    drawMain();
    drawThread();
  });
  store.on("messages", (channel) => {
    if (list?.channel === channel) list.update();
    if (thread?.channel === channel) thread.update();
  });
  store.on("home", () => home?.update());
  store.on("sent", ({ thread: ts }) => (ts ? thread : list)?.toEnd());
}

function go(detail) {
  document.dispatchEvent(new CustomEvent("go", { detail }));
}

function drawMain() {
  const root = document.getElementById("main");
  const channel = store.channel(store.place.channel);
  const version = JSON.stringify([store.me, channel, store.place.tab]);
  if (version === drawn.main) {
    list?.update();
    return;
  }
  drawn.main = version;
  const typing = document.activeElement?.id === "composer";
  list = home = null;
  if (!channel) {
    fill(root, h("div", { class: "empty" }, h("h3", {}, "Choose a channel to begin.")));
    return;
  }
  const isApp = channel === store.appChannel();
  const atHome = isApp && store.place.tab === "home";
  if (atHome) home = new HomeTab();
  else list = new MessageList(channel.id);
  fill(root, head(channel), isApp ? tabs(channel) : null, (home ?? list).node, atHome ? null : foot(channel));
  list?.toEnd();
  if (typing) document.getElementById("composer")?.focus();
}

function head(channel) {
  const mark = isDirect(channel) ? "" : channel.is_private ? "🔒 " : "# ";
  const people = (channel.members ?? []).length;
  return h("header", { class: "channel-head" },
    h("h1", {}, mark, store.title(channel)),
    channel.is_im ? h("small", {}, store.user(partner(channel))?.title ?? "") : h("small", {}, `${people} ${people === 1 ? "member" : "members"}`),
    channel.topic?.value ? h("small", {}, channel.topic.value) : null,
    h("span", { class: "grow" }),
    channelMenu(channel));
}

function tabs(channel) {
  const tab = (name, words) => h("button", {
    type: "button", role: "tab", "aria-selected": String(store.place.tab === name), onclick: () => go({ channel: channel.id, tab: name }),
  }, words);
  return h("div", { class: "tabs", role: "tablist" }, tab("home", "Home"), tab("messages", "Messages"));
}

function foot(channel) {
  if (channel.is_archived) return h("p", { class: "no-composer" }, `#${channel.name} is archived: you can read it, but nobody can write in it.`);
  return composer(channel.id);
}

function drawThread() {
  const root = document.getElementById("thread");
  const { channel: id, thread: ts } = store.place;
  const channel = store.channel(id);
  const version = JSON.stringify([store.me, channel, ts]);
  if (version === drawn.thread) {
    thread?.update();
    return;
  }
  drawn.thread = version;
  root.hidden = !ts;
  document.body.classList.toggle("with-thread", Boolean(ts));
  if (!ts || !channel) {
    thread = null;
    fill(root);
    return;
  }
  thread = new MessageList(id, ts);
  fill(root,
    h("header", { class: "channel-head" }, h("h2", {}, "Thread"), h("small", {}, isDirect(channel) ? store.title(channel) : `#${channel.name}`), h("span", { class: "grow" }),
      h("button", { class: "quiet", type: "button", "aria-label": "Leave thread", onclick: () => go({ channel: id, tab: store.place.tab, thread: null }) }, "×")),
    thread.node, channel.is_archived ? null : composer(id, ts));
  thread.toEnd();
  root.querySelector("textarea")?.focus({ preventScroll: true });
}
