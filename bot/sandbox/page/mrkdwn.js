/* Slack's mrkdwn and plain text → DOM nodes. What is not understood is shown as it was typed. */
import { dateFormat } from "./dates.js";
import { h, link } from "./dom.js";
import { emoji } from "./emoji.js";
import { store } from "./store.js";

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };
const MARKS = { "*": "strong", _: "em", "~": "s" };
const WORD = /[\p{L}\p{N}]/u;

/** `&lt;` → `<`, once. */
export function decode(text) {
  return text.replace(/&(amp|lt|gt);/g, (entity) => ENTITIES[entity]);
}

/** The nodes of a text object: `plain_text`, `mrkdwn`, or a bare string taken as mrkdwn. */
export function textNodes(object) {
  if (object === null || object === undefined) return [];
  if (typeof object === "string") return mrkdwn(object);
  return object.type === "plain_text" ? plain(object.text ?? "", object.emoji !== false) : mrkdwn(object.text ?? "");
}

/** A text object as a string, for attributes and native options. */
export function textString(object) {
  const holder = h("span", {}, textNodes(typeof object === "string" ? { type: "plain_text", text: object } : object));
  return holder.textContent;
}

/** Plain text with emoji and line breaks. */
export function plain(text, withEmoji = true) {
  return text.split("\n").flatMap((line, index) => {
    const nodes = withEmoji ? emojiNodes(line) : [decode(line)];
    return index ? [h("br"), ...nodes] : nodes;
  });
}

function emojiNodes(text) {
  return text.split(/(:[\w+'-]+(?:::skin-tone-\d)?:)/).filter(Boolean).map((piece) => {
    const found = /^:.+:$/.test(piece) ? emoji(piece.slice(1, -1)) : null;
    return found ? emojiNode(piece.slice(1, -1), found) : decode(piece);
  });
}

/** One emoji with its name for screen readers. */
export function emojiNode(name, character = emoji(name)) {
  if (!character) return `:${name}:`;
  return h("span", { class: "emoji", role: "img", "aria-label": name.replaceAll("_", " "), title: `:${name}:` }, character);
}

/** mrkdwn → nodes: code fences, quotes, then what stands inside a line. */
export function mrkdwn(text) {
  return text.split(/(```[\s\S]+?```)/).flatMap((piece) => {
    if (piece.length > 6 && piece.startsWith("```") && piece.endsWith("```")) {
      return [h("pre", {}, codeNodes(piece.slice(3, -3).replace(/^\n|\n$/g, "")))];
    }
    return piece ? quotes(piece) : [];
  });
}

function quotes(text) {
  const whole = text.match(/^([\s\S]*?)(?:^|\n)(?:>>>|&gt;&gt;&gt;)\s?([\s\S]*)$/);
  if (whole) return [...(whole[1] ? quotes(whole[1]) : []), h("blockquote", {}, lines(whole[2]))];
  const nodes = [];
  let run = [];
  let quoted = false;
  const flush = () => {
    if (!run.length) return;
    const body = lines(run.join("\n"));
    nodes.push(...(quoted ? [h("blockquote", {}, body)] : body));
    run = [];
  };
  for (const line of text.split("\n")) {
    const mark = line.match(/^(?:>|&gt;) ?(.*)$/);
    if (Boolean(mark) !== quoted) {
      flush();
      quoted = Boolean(mark);
    }
    run.push(mark ? mark[1] : line);
  }
  flush();
  return nodes;
}

function lines(text) {
  return text.split("\n").flatMap((line, index) => (index ? [h("br"), ...inline(line)] : inline(line)));
}

function inline(line) {
  const nodes = [];
  let plainRun = "";
  const flush = () => {
    if (plainRun) nodes.push(...emojiNodes(plainRun));
    plainRun = "";
  };
  for (let at = 0; at < line.length; at += 1) {
    const found = codeAt(line, at) ?? angleAt(line, at) ?? markAt(line, at);
    if (found) {
      flush();
      nodes.push(found.node);
      at = found.end;
    } else plainRun += line[at];
  }
  flush();
  return nodes;
}

function codeAt(line, at) {
  if (line[at] !== "`") return null;
  const end = line.indexOf("`", at + 1);
  return end > at + 1 ? { node: h("code", {}, codeNodes(line.slice(at + 1, end))), end } : null;
}

function codeNodes(text) {
  return text.split(/(<[^<>\n]+>)/).filter(Boolean).map((piece) => {
    const node = piece.startsWith("<") ? angle(piece.slice(1, -1)) : null;
    return node ?? decode(piece);
  });
}

function angleAt(line, at) {
  if (line[at] !== "<") return null;
  const end = line.indexOf(">", at + 1);
  if (end < 0) return null;
  const node = angle(line.slice(at + 1, end));
  return node ? { node, end } : null;
}

function markAt(line, at) {
  const tag = MARKS[line[at]];
  const before = line[at - 1];
  if (!tag || (before && WORD.test(before)) || !line[at + 1] || /\s/.test(line[at + 1]) || line[at + 1] === line[at]) return null;
  for (let end = line.indexOf(line[at], at + 2); end > 0; end = line.indexOf(line[at], end + 1)) {
    const after = line[end + 1];
    const inAngle = line.lastIndexOf("<", end) > line.lastIndexOf(">", end) && line.indexOf(">", end) > 0;
    if (!inAngle && !/\s/.test(line[end - 1]) && (!after || !WORD.test(after))) {
      return { node: h(tag, {}, inline(line.slice(at + 1, end))), end };
    }
  }
  return null;
}

function angle(inside) {
  const cut = inside.indexOf("|");
  const target = cut < 0 ? inside : inside.slice(0, cut);
  const label = cut < 0 ? null : inside.slice(cut + 1);
  if (/^@[UWB]\w+$/.test(target)) return userMention(target.slice(1), label);
  if (/^#[CGD]\w+$/.test(target)) return channelMention(target.slice(1), label);
  if (target.startsWith("!")) return special(target.slice(1), label);
  if (/^(https?:\/\/|mailto:|tel:)/i.test(target)) {
    return link(decode(target), label === null ? decode(target.replace(/^(mailto|tel):/, "")) : emojiNodes(label));
  }
  return null;
}

/** @name, highlighted when it is the reader. */
export function userMention(id, label = null) {
  const name = store.user(id)?.real_name ?? label ?? id;
  return h("span", { class: id === store.me ? "mention me" : "mention", dataset: { user: id } }, `@${decode(name)}`);
}

/** #channel, which opens it when the reader may see it. */
export function channelMention(id, label = null) {
  const channel = store.channel(id);
  const name = channel?.name ?? label ?? "private-channel";
  if (!channel) return h("span", { class: "mention" }, `#${decode(name)}`);
  const open = () => document.dispatchEvent(new CustomEvent("go", { detail: { channel: id } }));
  return h("button", { class: "mention link", type: "button", onclick: open }, `#${name}`);
}

/** @group by its handle. */
export function groupMention(id, label = null) {
  const handle = store.usergroups.get(id)?.handle;
  return h("span", { class: "mention" }, handle ? `@${handle}` : label ? decode(label) : "@group");
}

function special(body, label) {
  const date = body.match(/^date\^(-?\d+)\^([^^]*)(?:\^(.+))?$/);
  if (date) return dateNode(date[1], date[2], label, date[3]);
  if (["here", "channel", "everyone"].includes(body)) return h("span", { class: "mention me" }, `@${body}`);
  if (body.startsWith("subteam^")) return groupMention(body.slice(8), label);
  return null;
}

/** A moment in the reader's zone, with the fallback where it cannot be read. */
export function dateNode(timestamp, format, fallback, url) {
  const words = dateFormat(format, timestamp, store.now(), store.tz()) ?? fallback ?? "";
  const iso = new Date(Number(timestamp) * 1000);
  const node = h("time", { datetime: Number.isNaN(iso.getTime()) ? null : iso.toISOString(), title: fallback }, words);
  return url ? link(decode(url), node) : node;
}
