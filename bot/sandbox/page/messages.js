/* The list of messages: grouped by day and author, redrawn only where something changed. */
import { fileUrl } from "./api.js";
import { avatar, nameOf } from "./avatar.js";
import { picture, renderAttachments, renderBlocks } from "./blocks.js";
import { clockTime, dayDivider, fullTime, isoDate } from "./dates.js";
import { h } from "./dom.js";
import { Form } from "./forms.js";
import { emojiNode, mrkdwn } from "./mrkdwn.js";
import { messageMenu } from "./shortcuts.js";
import { isDirect, store } from "./store.js";
import { Surface } from "./surface.js";

const GROUP_SECONDS = 300;
const forms = new Map();

/** A list node for one channel, or one thread of it; `update()` brings it up to date. */
export class MessageList {
  constructor(channel, thread = null) {
    this.channel = channel;
    this.thread = thread;
    this.rows = new Map();
    this.node = h("div", { class: "messages", role: "log", "aria-label": thread ? "Thread conversation" : "Conversation", tabindex: "0" });
    this.below = h("button", { class: "below", type: "button", hidden: true, onclick: () => this.toEnd() }, "New messages ↓");
    this.node.addEventListener("scroll", () => this.nearEnd() && (this.below.hidden = true), { passive: true });
    this.update(true);
  }

  nearEnd() {
    return this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < 120;
  }

  update(jump = false) {
    const near = this.nearEnd();
    const nodes = [];
    let before = null;
    const messages = this.visible();
    const fresh = messages.filter((message) => !this.rows.has(message.ts));
    for (const message of messages) {
      const day = isoDate(when(message), store.tz());
      if (!this.thread && (!before || day !== isoDate(when(before), store.tz()))) nodes.push(this.divider(message));
      nodes.push(this.row(message, this.thread ? null : before));
      before = message;
    }
    if (!messages.length) nodes.push(this.empty());
    for (const ts of this.rows.keys()) if (!messages.some((message) => message.ts === ts)) this.rows.delete(ts);
    place(this.node, [...nodes, this.below]);
    /* What only this person sees answers what they just did, so it must not stay out of sight. */
    if (jump || near || fresh.some((message) => message.ephemeral)) this.toEnd();
    else if (fresh.length) this.below.hidden = false;
  }

  /** Scroll to the newest message, also after its pictures have come. */
  toEnd() {
    const down = () => {
      this.node.scrollTop = this.node.scrollHeight;
    };
    requestAnimationFrame(down);
    this.node.querySelectorAll("img").forEach((image) => image.complete || image.addEventListener("load", down, { once: true }));
  }

  visible() {
    if (this.thread) {
      const root = store.messages.get(this.channel)?.get(this.thread);
      return [root, ...store.replies(this.channel, this.thread)].filter(Boolean);
    }
    return store.list(this.channel).filter((message) => !message.thread_ts || message.thread_ts === message.ts || message.subtype === "thread_broadcast");
  }

  row(message, before) {
    const replies = this.thread ? [] : store.replies(this.channel, message.ts).filter((each) => !each.ephemeral);
    const joined = Boolean(before) && before.user === message.user && !before.ephemeral === !message.ephemeral && !message.subtype && !before.subtype
      && !isLong(message) && !isLong(before)
      && Number(message.ts) - Number(before.ts) < GROUP_SECONDS && isoDate(when(message), store.tz()) === isoDate(when(before), store.tz());
    const written = JSON.stringify(message);
    const today = written.includes("<!date^") || replies.length ? isoDate(store.now(), store.tz()) : null;
    const version = JSON.stringify([written, joined, replies.map((each) => each.ts), store.me, today]);
    const known = this.rows.get(message.ts);
    if (known?.version === version) return known.node;
    const node = drawMessage(this.channel, message, { joined, replies, inThread: Boolean(this.thread) });
    this.rows.set(message.ts, { version, node });
    return node;
  }

  divider(message) {
    const words = dayDivider(when(message), store.now(), store.tz());
    return h("div", { class: "day", role: "separator" }, h("span", {}, words));
  }

  empty() {
    const channel = store.channel(this.channel);
    const words = isDirect(channel) ? `This is the start of your conversation with ${store.title(channel)}.` : `This is the start of #${channel?.name ?? ""}.`;
    const hint = store.app.commands?.[0] ? `Type ${store.app.commands[0].command} to begin.` : "Say hello.";
    return h("div", { class: "empty" }, h("h3", {}, words), h("p", {}, hint));
  }
}

/* Messages of many blocks stand for themselves: below each other without a head they would run into one. */
function isLong(message) {
  return (message.blocks?.length ?? 0) > 1;
}

function when(message) {
  return new Date(Number(message.ts) * 1000);
}

function place(parent, nodes) {
  nodes.forEach((node, index) => {
    if (parent.childNodes[index] !== node) parent.insertBefore(node, parent.childNodes[index] ?? null);
  });
  while (parent.childNodes.length > nodes.length) parent.lastChild.remove();
}

/** One message; `surface(form)` may take the place of the surface that answers the app. */
export function drawMessage(channel, message, { joined = false, replies = [], inThread = false, surface = null } = {}) {
  const system = ["channel_join", "channel_leave", "channel_archive", "channel_topic", "channel_name", "workflow_step"].includes(message.subtype);
  const user = store.user(message.user);
  const isApp = Boolean(message.bot_id || user?.is_bot);
  const time = h("time", { class: "time", datetime: when(message).toISOString(), title: fullTime(when(message), store.tz()) }, clockTime(when(message), store.tz()));
  const name = message.username ?? nameOf(message.user);
  const head = joined ? null : h("div", { class: "message-head" },
    h("span", { class: "author" }, name), isApp ? h("span", { class: "badge" }, "APP") : null, time);
  return h("article", {
    class: ["message", joined && "joined", message.ephemeral && "ephemeral", system && "system"].filter(Boolean).join(" "),
    dataset: { ts: message.ts, user: message.user ?? "" },
    "aria-label": `${name}, ${clockTime(when(message), store.tz())}`,
  },
  h("div", { class: "gutter" }, joined ? time : avatar(message.user)),
  h("div", { class: "message-body" },
    message.ephemeral ? h("div", { class: "only-you" }, "👁 Only visible to you") : null,
    head, content(channel, message, surface), reactions(message),
    replies.length ? threadFooter(channel, message, replies) : null),
  message.ephemeral ? dismissal(channel, message) : toolbar(channel, message, inThread));
}

function content(channel, message, surfaceFor) {
  const key = `${channel}/${message.ts}`;
  if (!forms.has(key)) forms.set(key, new Form(message.state?.values ?? {}));
  const form = forms.get(key);
  const attached = (message.attachments ?? []).flatMap((each) => each.blocks ?? []);
  form.adopt([...(message.blocks ?? []), ...attached], channel);
  const container = { type: "message", channel, message_ts: message.ts, is_ephemeral: Boolean(message.ephemeral) };
  const surface = surfaceFor?.(form) ?? new Surface(container, { form, here: channel });
  const edited = message.edited ? h("span", { class: "edited", title: "Changed after it was posted" }, " (edited)") : null;
  const text = message.blocks?.length
    ? h("div", { class: "blocks" }, renderBlocks(message.blocks, surface), edited)
    : message.text ? h("div", { class: "text" }, mrkdwn(message.text), edited) : null;
  return [text, renderAttachments(message.attachments, surface), files(message)];
}

function files(message) {
  return (message.files ?? []).map((file) => {
    const name = file.title || file.name || "File";
    if (/^image\//.test(file.mimetype ?? "") || /\.(png|jpe?g|gif|webp|svg)$/i.test(file.name ?? "")) {
      return h("figure", { class: "picture" }, h("figcaption", {}, name), picture({ image_url: fileUrl(file), alt_text: file.alt_txt || name }, "full"));
    }
    return h("a", { class: "card file-card", href: fileUrl(file), download: file.name ?? "file" },
      h("span", { class: "file-icon", "aria-hidden": "true" }, "📄"),
      h("span", {}, h("strong", {}, name), h("small", {}, [(file.filetype ?? "").toUpperCase(), size(file.size)].filter(Boolean).join(" · "))));
  });
}

function size(bytes) {
  if (!bytes) return "";
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1_048_576 ? `${(bytes / 1024).toFixed(1)} kB` : `${(bytes / 1_048_576).toFixed(1)} MB`;
}

function reactions(message) {
  if (!message.reactions?.length) return null;
  return h("div", { class: "reactions" }, message.reactions.map((each) => h("span", { class: "reaction", title: (each.users ?? []).map(nameOf).join(", ") },
    emojiNode(each.name), ` ${each.count ?? each.users?.length ?? 1}`)));
}

function openThread(channel, message) {
  document.dispatchEvent(new CustomEvent("go", { detail: { channel, thread: message.thread_ts ?? message.ts } }));
}

function threadFooter(channel, message, replies) {
  const people = [...new Set(replies.map((each) => each.user))].slice(0, 4);
  const last = when(replies.at(-1));
  return h("button", { class: "thread-link", type: "button", onclick: () => openThread(channel, message) },
    people.map((id) => avatar(id, "small")),
    h("b", {}, `${replies.length} ${replies.length === 1 ? "reply" : "replies"}`),
    h("span", { class: "quiet-text" }, `Last ${dayDivider(last, store.now(), store.tz()).replace(/^To/, "to").replace(/^Yes/, "yes")} at ${clockTime(last, store.tz())}`));
}

function toolbar(channel, message, inThread) {
  return h("div", { class: "toolbar" },
    inThread ? null : h("button", { class: "square", type: "button", "aria-label": "Reply in thread", title: "Reply in thread", onclick: () => openThread(channel, message) }, "💬"),
    messageMenu(channel, message));
}

function dismissal(channel, message) {
  return h("div", { class: "toolbar" },
    h("button", { class: "square", type: "button", "aria-label": "Dismiss", title: "Dismiss", onclick: () => store.dropMessage(channel, message.ts) }, "×"));
}
