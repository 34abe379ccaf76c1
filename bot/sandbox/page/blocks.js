/* Block Kit → DOM nodes: one table from block type to its look. */
import { fileUrl } from "./api.js";
import { enlarge } from "./dialogs.js";
import { freshId, h, link } from "./dom.js";
import { renderElement } from "./elements.js";
import { markdown } from "./markdown.js";
import { plain, textNodes, textString } from "./mrkdwn.js";
import { richText } from "./richtext.js";

/** Draw blocks on a surface whose form has adopted them, each within an element that carries its block_id. */
export function renderBlocks(blocks, surface) {
  return (blocks ?? []).map((block) => {
    const draw = DRAW[block.type] ?? unknown;
    return h("div", { class: `block block-${block.type}`, dataset: { blockId: block.block_id } }, draw(block, surface));
  });
}

function unknown(block) {
  return h("p", { class: "unknown" }, `A “${block.type}” block; the sandbox does not draw this kind.`);
}

function header(block) {
  return h("h3", {}, textNodes(block.text));
}

function section(block, surface) {
  const wide = /select$|checkboxes|radio_buttons/.test(block.accessory?.type ?? "");
  const body = h("div", { class: "section-body" },
    block.text ? h("div", { class: "text" }, textNodes(block.text)) : null,
    block.fields?.length ? h("div", { class: "fields" }, block.fields.map((field) => h("div", { class: "text" }, textNodes(field)))) : null);
  if (!block.accessory) return body;
  const accessory = block.accessory.type === "image" ? picture(block.accessory, "thumb") : renderElement(surface, block, block.accessory);
  return h("div", { class: wide ? "with-accessory wide" : "with-accessory" }, body, h("div", { class: "accessory" }, accessory));
}

function context(block) {
  return h("div", { class: "context" }, block.elements.map((element) => (element.type === "image"
    ? smallPicture(element)
    : h("span", { class: "text" }, textNodes(element)))));
}

function actions(block, surface) {
  return h("div", { class: "actions" }, block.elements.map((element) => renderElement(surface, block, element)));
}

function image(block) {
  const title = block.title ? h("figcaption", {}, textNodes(block.title)) : null;
  return h("figure", { class: "picture" }, title, picture(block, "full"));
}

function source(object) {
  const file = object.slack_file;
  if (!file) return object.image_url ?? "";
  return file.id ? fileUrl({ id: file.id, name: "image" }) : file.url;
}

function smallPicture(element) {
  const src = source(element);
  if (isOutside(src)) return h("span", {}, element.alt_text ?? "");
  return h("img", { src, alt: element.alt_text ?? "", class: "context-image" });
}

/* The sandbox fetches nothing from anywhere else. */
function isOutside(src) {
  return new URL(src, location.href).origin !== location.origin;
}

/** A picture that opens large on a click and says what it would show when it cannot be loaded. */
export function picture(object, size) {
  const src = source(object);
  const alt = object.alt_text ?? "";
  const missing = (words) => h("div", { class: "picture-missing" }, "🖼 ", alt || "Picture", " ", words);
  if (isOutside(src)) return missing(link(src, "(a picture from outside, not loaded)"));
  const image = h("img", { src, alt, loading: "lazy" });
  const open = h("button", { type: "button", class: `picture-button ${size}`, "aria-label": `Enlarge: ${alt || "picture"}`, onclick: () => enlarge(src, alt) }, image);
  image.addEventListener("error", () => open.replaceWith(missing("(not available)")));
  return open;
}

function input(block, surface) {
  const { element } = block;
  const label = freshId("label");
  const control = freshId("control");
  const hint = block.hint ? h("p", { class: "hint", id: `${label}-hint` }, textNodes(block.hint)) : null;
  const words = surface.errors[block.block_id];
  const error = words ? h("p", { class: "field-error", role: "alert", id: `${label}-error` }, words) : null;
  const described = [error && `${label}-error`, hint && `${label}-hint`].filter(Boolean).join(" ");
  const naming = { id: control, "aria-labelledby": label };
  if (described) naming["aria-describedby"] = described;
  if (words) naming["aria-invalid"] = "true";
  if (!block.optional) naming["aria-required"] = "true";
  const many = /checkboxes|radio_buttons/.test(element.type);
  return h("div", { class: words ? "field invalid" : "field" },
    h("div", { class: "label-row" },
      h(many ? "span" : "label", { class: "label", for: many ? null : control, id: label }, textNodes(block.label)),
      block.optional ? h("span", { class: "optional" }, "(optional)") : null),
    renderElement(surface, block, element, naming), error, hint);
}

function table(block) {
  const [head = [], ...rows] = block.rows ?? [];
  const settings = block.column_settings ?? [];
  const cell = (tag) => (each, index) => h(tag, {
    scope: tag === "th" ? "col" : null, class: settings[index]?.is_wrapped ? "wrapped" : null,
    style: { textAlign: settings[index]?.align ?? (each.type === "raw_number" ? "right" : "left") },
  }, cellContent(each));
  return h("div", { class: "table-scroll", tabindex: "0", role: "group", "aria-label": block.caption ?? "Table" }, h("table", {},
    h("thead", {}, h("tr", {}, head.map(cell("th")))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map(cell("td")))))));
}

function cellContent(each) {
  if (each.type === "rich_text") return richText(each);
  return plain(String(each.text ?? each.value ?? ""));
}

function fileBlock(block) {
  return h("div", { class: "card" }, "📎 ", block.external_id ?? "Remote file");
}

function video(block) {
  return h("div", { class: "card" },
    h("strong", {}, "🎬 ", block.title_url ? link(block.title_url, ...textNodes(block.title)) : textNodes(block.title)),
    block.description ? h("p", {}, textNodes(block.description)) : null,
    h("small", {}, [block.author_name, block.provider_name].filter(Boolean).join(" · ") || block.alt_text));
}

function alert(block) {
  return h("div", { class: `notice ${block.level ?? "default"}` }, textNodes(block.text));
}

function card(block, surface) {
  return h("div", { class: "card" },
    block.hero_image ? picture(block.hero_image, "full") : null,
    block.title ? h("strong", {}, textNodes(block.title)) : null,
    block.subtitle ? h("div", { class: "quiet-text" }, textNodes(block.subtitle)) : null,
    block.body ? h("p", {}, textNodes(block.body)) : null,
    block.actions?.length ? h("div", { class: "actions" }, block.actions.map((each) => renderElement(surface, block, each))) : null);
}

const DRAW = {
  header, section, context, actions, image, input, table, video, alert, card,
  data_table: table, context_actions: actions, file: fileBlock,
  divider: () => h("hr"),
  rich_text: richText,
  markdown: (block) => h("div", { class: "md" }, markdown(block.text ?? "")),
};

/** Attachments: a colour bar with blocks, or the older fields. */
export function renderAttachments(attachments, surface) {
  return (attachments ?? []).map((each) => h("div", { class: "attachment", style: { borderLeftColor: colour(each.color) } },
    each.blocks?.length ? renderBlocks(each.blocks, surface) : legacy(each)));
}

const NAMED = { good: "#2a9d6a", warning: "#d9a13b", danger: "#c8433f" };

function colour(value) {
  if (!value) return "";
  return NAMED[value] ?? (value.startsWith("#") ? value : `#${value}`);
}

function legacy(each) {
  const title = each.title ? (each.title_link ? link(each.title_link, each.title) : each.title) : null;
  return [
    each.pretext ? h("div", { class: "text" }, textNodes(each.pretext)) : null,
    each.author_name || each.service_name ? h("div", { class: "quiet-text" }, each.author_name ?? each.service_name) : null,
    title ? h("strong", { class: "attachment-title" }, title) : null,
    each.text ? h("div", { class: "text" }, textNodes(each.text)) : null,
    each.fields?.length ? h("div", { class: "fields" }, each.fields.map((field) => h("div", { class: "text" }, h("strong", {}, field.title), h("br"), textNodes(field.value)))) : null,
    each.image_url ? picture({ image_url: each.image_url, alt_text: textString(each.fallback ?? each.title ?? "") }, "full") : null,
    each.footer ? h("small", { class: "quiet-text" }, textNodes(each.footer)) : null,
  ];
}
