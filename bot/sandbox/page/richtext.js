/* `rich_text` blocks → DOM nodes. */
import { decode, channelMention, dateNode, emojiNode, groupMention, userMention } from "./mrkdwn.js";
import { h, link } from "./dom.js";

const STYLES = { bold: "strong", italic: "em", strike: "s", code: "code", underline: "u" };

/** A whole `rich_text` block. */
export function richText(block) {
  return h("div", { class: "rich" }, (block.elements ?? []).map(part));
}

function part(element) {
  const inside = () => (element.elements ?? []).map(leaf);
  if (element.type === "rich_text_list") return list(element);
  if (element.type === "rich_text_quote") return h("blockquote", {}, inside());
  if (element.type === "rich_text_preformatted") return h("pre", {}, inside());
  return h("div", { class: "rich-section" }, inside());
}

function list(element) {
  return h(element.style === "ordered" ? "ol" : "ul", {
    class: `indent-${Math.min(element.indent ?? 0, 5)}`, start: element.offset ? element.offset + 1 : null,
  }, element.elements.map((item) => h("li", {}, (item.elements ?? []).map(leaf))));
}

function leaf(element) {
  return styled(bare(element), element.style ?? {});
}

function bare(element) {
  switch (element.type) {
    case "text": return brokenLines(element.text);
    case "link": return link(element.url, element.text ?? element.url);
    case "user": return userMention(element.user_id);
    case "channel": return channelMention(element.channel_id);
    case "broadcast": return h("span", { class: "mention me" }, `@${element.range}`);
    case "usergroup": return groupMention(element.usergroup_id);
    case "emoji": return emojiNode(element.name);
    case "date": return dateNode(element.timestamp, element.format, element.fallback, element.url);
    case "color": return colour(element.value);
    default: return decode(element.text ?? element.fallback ?? "");
  }
}

function brokenLines(text) {
  return h("span", { class: "run" }, text);
}

function colour(value) {
  return h("code", {}, h("i", { class: "swatch", style: { background: value } }), value);
}

function styled(node, style) {
  return Object.entries(STYLES).reduce((inner, [name, tag]) => (style[name] ? h(tag, {}, inner) : inner), node);
}
