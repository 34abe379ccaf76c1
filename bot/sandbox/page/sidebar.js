/* The left column: workspace, channels, direct conversations, the app; bold where something is unread. */
import { avatar } from "./avatar.js";
import { fill, h } from "./dom.js";
import { startConversation } from "./places.js";
import { isDirect, others, partner, store } from "./store.js";

/** Keep the sidebar up to date. */
export function startSidebar() {
  for (const topic of ["sidebar", "place"]) store.on(topic, draw);
}

function go(detail) {
  document.dispatchEvent(new CustomEvent("go", { detail }));
}

function draw() {
  const root = document.getElementById("sidebar");
  const all = [...store.channels.values()];
  const channels = all.filter((channel) => !isDirect(channel) && !channel.is_archived).sort((a, b) => a.name.localeCompare(b.name));
  const archived = all.filter((channel) => !isDirect(channel) && channel.is_archived);
  const app = store.appChannel();
  const direct = all.filter((channel) => isDirect(channel) && channel !== app);
  const focused = root.contains(document.activeElement) ? document.activeElement.dataset.channel : null;
  fill(root,
    h("div", { class: "team" }, h("strong", {}, store.team.name ?? "Workspace"), h("small", {}, "a local sandbox, nothing leaves this machine")),
    group("Channels", channels.map((channel) => row(channel, h("span", { class: "glyph", "aria-hidden": "true" }, channel.is_private ? "🔒" : "#"), channel.name))),
    group("Direct messages", direct.map((channel) => row(channel, face(channel), store.title(channel))),
      h("button", { class: "quiet", type: "button", "aria-label": "Write to someone", title: "Write to someone", onclick: startConversation }, "+")),
    group("Apps", app ? [row(app, avatar(store.app.user_id, "small"), store.app.name)] : []),
    group("Archived", archived.map((channel) => row(channel, h("span", { class: "glyph", "aria-hidden": "true" }, "#"), channel.name))));
  if (focused) root.querySelector(`[data-channel="${CSS.escape(focused)}"]`)?.focus();
}

function face(channel) {
  return channel.is_mpim ? h("span", { class: "glyph", "aria-hidden": "true" }, String(others(channel).length)) : avatar(partner(channel), "small");
}

function group(title, rows, more = null) {
  if (!rows.length && !more) return null;
  return h("section", { "aria-label": title }, h("div", { class: "group-head" }, h("h2", {}, title), more), h("ul", {}, rows));
}

function row(channel, glyph, name) {
  const news = store.unread.get(channel.id);
  const here = store.place.channel === channel.id;
  return h("li", {}, h("button", {
    type: "button", class: ["row", news && "unread", here && "here"].filter(Boolean).join(" "), "aria-current": here ? "page" : null,
    dataset: { channel: channel.id }, onclick: () => go({ channel: channel.id }),
  }, glyph, h("span", { class: "row-name" }, name),
  news ? h("span", { class: news.mention || isDirect(channel) ? "pill" : "dot", "aria-label": `${news.count} unread` }, news.mention || isDirect(channel) ? String(news.count) : "") : null));
}
