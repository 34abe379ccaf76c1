/* Who somebody is at a glance: initials on their colour, or the app's flame. */
import { h } from "./dom.js";
import { store } from "./store.js";

const SPARE = "#6b7f99";

function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  return ((words[0]?.[0] ?? "?") + (words.length > 1 ? words.at(-1)[0] : "")).toUpperCase();
}

/** The picture of a user id. */
export function avatar(id, size = "normal") {
  const user = store.user(id);
  if (user?.is_bot || id === store.app.user_id) {
    return h("span", { class: `avatar app ${size}`, "aria-hidden": "true" }, h("img", { src: "/page/flame.svg", alt: "" }));
  }
  const colour = user?.color ? `#${user.color.replace(/^#/, "")}` : SPARE;
  return h("span", { class: `avatar ${size}`, "aria-hidden": "true", style: { background: colour } }, initials(user?.real_name ?? "?"));
}

/** The name of a user id. */
export function nameOf(id) {
  const user = store.user(id);
  return user?.real_name || user?.name || "Someone";
}
