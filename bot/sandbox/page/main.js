/* The page's beginning: who is acting, where they are, and what arrives live. */
import { get, Live, post, problem } from "./api.js";
import { avatar } from "./avatar.js";
import { startClock } from "./clock.js";
import { fill, h } from "./dom.js";
import { menuButton } from "./elements.js";
import { startMainView } from "./main_view.js";
import { showTrouble, startModals } from "./modal.js";
import { startSidebar } from "./sidebar.js";
import { isDirect, store } from "./store.js";
import { complain } from "./surface.js";
import { toast } from "./toasts.js";

const RETRY = 1500;

let live = null;
let turn = 0;
let held = null;

const EVENTS = {
  message: ({ channel, message }) => arrive(channel, message),
  ephemeral: ({ channel, message }) => arrive(channel, { ...message, ephemeral: true }),
  message_changed: ({ channel, message }) => store.putMessage(channel, message),
  message_deleted: ({ channel, ts }) => store.dropMessage(channel, ts),
  view: ({ stack }) => {
    store.stack = stack ?? [];
    store.tell("stack");
  },
  view_errors: (event) => store.tell("view_errors", event),
  home: ({ view }) => {
    store.home = view;
    store.tell("home");
  },
  channel: ({ channel }) => {
    store.channels.set(channel.id, { ...store.channel(channel.id), ...channel });
    store.tell("sidebar");
    if (channel.id === store.place.channel) store.tell("place");
  },
  channel_gone: ({ channel }) => {
    store.channels.delete(channel);
    store.tell("sidebar");
    if (channel !== store.place.channel) return;
    toast("You are no longer in that channel.");
    go({ channel: firstChannel()?.id });
  },
  people: () => load(store.me),
  clock: (event) => store.setClock(event),
  timeout: ({ what, words }) => (what === "view" && showTrouble(words)) || toast(words, "error"),
};

function arrive(channel, message) {
  store.putMessage(channel, message);
  const watching = channel === store.place.channel && store.place.tab === "messages" && document.visibilityState === "visible";
  if (watching || message.user === store.me) return;
  store.markUnread(channel, (message.text ?? "").includes(`<@${store.me}>`));
  if (channel === store.appChannel()?.id && store.place.channel === channel) toast(`${store.app.name} answered: see Messages.`);
}

/** Load everything one person sees, after their live socket is open so that nothing falls between; a later call overtakes. */
async function load(user) {
  turn += 1;
  const mine = turn;
  const state = user ? await stateOf(user) : await get("state");
  if (mine !== turn) return;
  if (state.ok === false && state.error === "user_not_found") {
    await load(null);
    return;
  }
  if (state.ok === false) {
    banner(problem(state));
    setTimeout(() => mine === turn && load(user), RETRY);
    return;
  }
  if (!user) {
    await load(state.users.find((each) => !each.is_bot && !each.deleted).id);
    return;
  }
  if (user !== store.me) {
    store.unread.clear();
    store.messages.clear();
  }
  store.load(state, user);
  store.tell("sidebar");
  banner(null);
  const late = held ?? [];
  held = null;
  late.forEach(handle);
  persona();
  const channel = store.channel(store.place.channel) ?? firstChannel();
  await go({ ...store.place, channel: channel?.id });
  store.tell("stack");
}

async function stateOf(user) {
  if (live?.user !== user) {
    live?.close();
    live = new Live(user, (event) => (held ? held.push(event) : handle(event)), (state) => connection(user, state));
  }
  held = [];
  await live.opened;
  return get("state", { user });
}

function handle(event) {
  EVENTS[event.type]?.(event);
}

function firstChannel() {
  const all = [...store.channels.values()].filter((each) => !each.is_archived && !isDirect(each));
  return all.find((each) => each.members?.includes(store.app.user_id)) ?? all[0] ?? store.appChannel();
}

let broken = false;

function connection(user, state) {
  if (user !== live?.user) return;
  banner(state === "online" ? null : "Connecting to the sandbox…");
  if (state === "online" && broken && store.me === user) load(user);
  broken = state !== "online";
}

function banner(words) {
  const node = document.getElementById("banner");
  node.hidden = !words;
  node.textContent = words ?? "";
}

/** Open a place; what is not named stays, a thread closes when the channel changes. */
async function go({ channel, tab, thread, ts }) {
  const known = store.channel(channel);
  if (!known) {
    if (channel) toast("You cannot see that channel.", "error");
    return;
  }
  const moved = channel !== store.place.channel;
  const isApp = known === store.appChannel();
  const wanted = isApp ? tab ?? (moved ? "home" : store.place.tab) : "messages";
  const openThread = thread === undefined ? (moved ? null : store.place.thread) : thread;
  store.place = { channel, tab: wanted, thread: isApp && wanted === "home" ? null : openThread };
  sidebarOpen(false);
  remember();
  if (wanted === "messages") store.markRead(channel);
  const person = store.me;
  store.expectMessages(channel);
  const [answer] = await Promise.all([
    get("messages", { user: person, channel }),
    isApp ? post("home", { user: person, tab: wanted }).then((result) => result.ok || complain(result)) : null,
  ]);
  if (person !== store.me || store.place.channel !== channel) return;
  if (answer.ok === false) toast(problem(answer), "error");
  else store.setMessages(channel, answer.messages);
  store.tell("place");
  if (ts) requestAnimationFrame(() => show(ts));
}

function remember() {
  const query = new URLSearchParams({ as: store.me, at: store.place.channel });
  if (store.place.tab === "home") query.set("tab", "home");
  if (store.place.thread) query.set("thread", store.place.thread);
  history.replaceState(null, "", `?${query}`);
  document.title = `${store.title(store.channel(store.place.channel))} · ${store.team.name ?? "Sandbox"}`;
}

function persona() {
  const me = store.user(store.me);
  const menu = h("ul", { class: "menu people", role: "menu", "aria-label": "People", popover: "auto" }, store.people().map((user) => h("li", { role: "none" },
    h("button", { type: "button", role: "menuitemradio", "aria-checked": String(user.id === store.me), dataset: { person: user.id }, onclick: () => {
      menu.hidePopover();
      load(user.id);
    } }, avatar(user.id), h("span", {}, h("b", {}, user.real_name), h("small", {}, user.title))))));
  const label = [avatar(store.me, "small"), h("span", { class: "persona-name" }, me.real_name), h("small", { class: "persona-word" }, me.title), h("span", { class: "caret", "aria-hidden": "true" }, "▾")];
  fill(document.getElementById("persona"), h("span", { class: "persona-word" }, "Acting as"),
    menuButton({ "aria-label": `Act as: ${me.real_name}`, title: "Act as someone else", class: "persona-button" }, label, menu));
}

function sidebarOpen(open) {
  document.body.classList.toggle("sidebar-open", open);
  document.querySelector(".menu-toggle").setAttribute("aria-expanded", String(open));
}

function start() {
  const query = new URLSearchParams(location.search);
  store.place = { channel: query.get("at") ?? query.get("channel"), tab: query.get("tab") ?? "messages", thread: query.get("thread") };
  const linked = timestamp(query.get("message") ?? "");
  startSidebar();
  startMainView();
  startModals();
  startClock();
  document.addEventListener("go", (event) => go(event.detail));
  document.querySelector(".menu-toggle").addEventListener("click", () => sidebarOpen(!document.body.classList.contains("sidebar-open")));
  document.addEventListener("click", (event) => {
    const permalink = event.target.closest?.("a[href]")?.pathname.match(/^\/archives\/(\w+)\/(p\d+)$/);
    if (!permalink || !store.channel(permalink[1])) return;
    event.preventDefault();
    go({ channel: permalink[1], tab: "messages", ts: timestamp(permalink[2]) });
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && store.place.tab === "messages") store.markRead(store.place.channel);
  });
  load(query.get("as")).then(() => linked && requestAnimationFrame(() => show(linked)));
}

/** `p1700000000123456` of a permalink → a message's ts. */
function timestamp(text) {
  const [, seconds, micros] = text.match(/^p(\d+)(\d{6})$/) ?? [];
  return seconds ? `${seconds}.${micros}` : null;
}

function show(ts) {
  const message = document.querySelector(`.message[data-ts="${CSS.escape(ts)}"]`);
  message?.scrollIntoView({ block: "center" });
  message?.classList.add("linked");
}

start();
