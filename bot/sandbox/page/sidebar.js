/* The left column: workspace, channels, direct conversations, the app; bold where something is unread. */
import { avatar } from "./avatar.js";
import { fill, h } from "./dom.js";
import { partner, store } from "./store.js";

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
  const channels = all.filter((channel) => !channel.is_im && !channel.is_archived).sort((a, b) => a.name.localeCompare(b.name));
  const archived = all.filter((channel) => !channel.is_im && channel.is_archived);
  const app = store.appChannel();
  const direct = all.filter((channel) => channel.is_im && channel !== app);
  const focused = root.contains(document.activeElement) ? document.activeElement.dataset.channel : null;
  fill(root,
    h("div", { class: "team" }, h("strong", {}, store.team.name ?? "Workspace"), h("small", {}, "a local sandbox, nothing leaves this machine")),
    group("Channels", channels.map((channel) => row(channel, h("span", { class: "glyph", "aria-hidden": "true" }, channel.is_private ? "🔒" : "#"), channel.name))),
    group("Direct messages", direct.map((channel) => row(channel, avatar(partner(channel), "small"), store.title(channel)))),
    group("Apps", app ? [row(app, avatar(store.app.user_id, "small"), store.app.name)] : []),
    group("Archived", archived.map((channel) => row(channel, h("span", { class: "glyph", "aria-hidden": "true" }, "#"), channel.name))));
  if (focused) root.querySelector(`[data-channel="${CSS.escape(focused)}"]`)?.focus();
}

function group(title, rows) {
  if (!rows.length) return null;
  return h("section", { "aria-label": title }, h("h2", {}, title), h("ul", {}, rows));
}

function row(channel, glyph, name) {
  const news = store.unread.get(channel.id);
  const here = store.place.channel === channel.id;
  return h("li", {}, h("button", {
    type: "button", class: ["row", news && "unread", here && "here"].filter(Boolean).join(" "), "aria-current": here ? "page" : null,
    dataset: { channel: channel.id }, onclick: () => go({ channel: channel.id }),
  }, glyph, h("span", { class: "row-name" }, name),
  news ? h("span", { class: news.mention || channel.is_im ? "pill" : "dot", "aria-label": `${news.count} unread` }, news.mention || channel.is_im ? String(news.count) : "") : null));
}
