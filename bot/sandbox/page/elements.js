/* Interactive elements: one table from Slack's type to what a person sees. */
import { confirmed } from "./dialogs.js";
import { freshId, h } from "./dom.js";
import { dateInput, fileInput, richTextInput, textInput } from "./inputs.js";
import { emojiNode, textNodes, textString } from "./mrkdwn.js";
import { select } from "./selects.js";
import { store } from "./store.js";
import { toast } from "./toasts.js";

const SAFE_URL = /^(https?:|mailto:)/i;

/** Draw an element of a block. `naming` carries the aria attributes of its label. */
export function renderElement(surface, block, element, naming = {}) {
  const draw = DRAW[element.type];
  if (!draw) return h("span", { class: "unknown" }, `(${element.type} is not shown here)`);
  const label = naming["aria-labelledby"] ? null : spokenName(block, element);
  const attributes = { "aria-label": label, ...naming, dataset: { actionId: element.action_id, type: element.type } };
  if (element.focus_on_load) attributes.autofocus = true;
  return draw(surface, block, element, attributes);
}

function spokenName(block, element) {
  if (element.placeholder) return textString(element.placeholder);
  return block.text ? textString(block.text).slice(0, 80) : element.action_id;
}

/** Run something slow behind a button that shows it is busy and cannot be pressed twice. */
export async function busy(button, work) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  await work();
  button.removeAttribute("aria-busy");
}

function button(surface, block, element, attributes) {
  const style = { primary: "primary", danger: "danger" }[element.style] ?? "";
  const press = async () => {
    if (!(await confirmed(element.confirm))) return;
    if (element.url && SAFE_URL.test(element.url)) window.open(element.url, "_blank", "noopener,noreferrer");
    await busy(node, () => surface.send(block, element, { text: element.text, ...(element.value !== undefined && { value: element.value }) }));
  };
  const node = h("button", {
    ...attributes, type: "button", class: style, "aria-label": element.accessibility_label ?? null, title: element.url ?? null, onclick: press,
  }, textNodes(element.text), element.url ? h("span", { class: "outside", "aria-hidden": "true" }, " ↗\uFE0E") : null);
  return node;
}

function overflow(surface, block, element, attributes) {
  const menu = h("ul", { class: "menu", role: "menu", popover: "auto" }, element.options.map((option) => h("li", { role: "none" },
    h("button", { type: "button", role: "menuitem", onclick: async () => {
      menu.hidePopover();
      await surface.fire(block, element, { selected_option: option });
      if (option.url && SAFE_URL.test(option.url)) window.open(option.url, "_blank", "noopener,noreferrer");
    } }, textNodes(option.text), option.description ? h("small", {}, textNodes(option.description)) : null))));
  return menuButton({ ...attributes, "aria-label": "More options" }, ["⋯"], menu);
}

/** A button that opens a popover menu beside itself; arrow keys walk through it. */
export function menuButton(attributes, label, menu) {
  const open = () => {
    const box = node.getBoundingClientRect();
    menu.showPopover();
    const size = menu.getBoundingClientRect();
    const left = Math.max(8, Math.min(box.left, window.innerWidth - size.width - 8));
    const below = box.bottom + size.height + 8 < window.innerHeight;
    Object.assign(menu.style, { left: `${left}px`, top: `${below ? box.bottom + 4 : Math.max(8, box.top - size.height - 4)}px` });
    menu.querySelector("button")?.focus();
  };
  const node = h("button", { class: "square", ...attributes, type: "button", "aria-haspopup": "menu", onclick: open }, label);
  menu.addEventListener("keydown", (event) => {
    const items = [...menu.querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
  });
  return h("span", { class: "menu-holder" }, node, menu);
}

function choices(surface, block, element, attributes) {
  const many = element.type === "checkboxes";
  const group = freshId("choice");
  const held = () => [surface.form.get(block, element) ?? []].flat();
  const rows = element.options.map((option) => {
    const input = h("input", { type: many ? "checkbox" : "radio", name: group, value: option.value, checked: held().some((each) => each.value === option.value) || null });
    input.addEventListener("change", async () => {
      const rest = held().filter((each) => each.value !== option.value).map((each) => each.value);
      const values = input.checked ? [...rest, option.value] : rest;
      const answer = many ? element.options.filter((each) => values.includes(each.value)) : option;
      if (await surface.answer(block, element, answer)) return;
      for (const row of rows) {
        const box = row.querySelector("input");
        box.checked = held().some((each) => each.value === box.value);
      }
    });
    return h("label", { class: "choice" }, input, h("span", {}, h("span", {}, textNodes(option.text)),
      option.description ? h("small", {}, textNodes(option.description)) : null));
  });
  return h("div", { ...attributes, role: many ? "group" : "radiogroup", class: "choices" }, rows);
}

function feedback(surface, block, element) {
  const one = (choice) => h("button", {
    type: "button", "aria-label": choice.accessibility_label ?? null, dataset: { actionId: element.action_id },
    onclick: () => surface.fire(block, element, { text: choice.text, value: choice.value }),
  }, textNodes(choice.text));
  return h("span", { class: "feedback" }, one(element.positive_button), one(element.negative_button));
}

function iconButton(surface, block, element, attributes) {
  if (element.visible_to_user_ids && !element.visible_to_user_ids.includes(store.me)) return h("span");
  return h("button", {
    ...attributes, type: "button", class: "square", "aria-label": element.accessibility_label ?? textString(element.text),
    onclick: () => surface.fire(block, element, { value: element.value }),
  }, emojiNode("wastebasket"));
}

function workflowButton(surface, block, element, attributes) {
  return h("button", { ...attributes, type: "button", onclick: () => toast("Workflows do not run in the sandbox.") }, textNodes(element.text));
}

const DRAW = {
  button, overflow, checkboxes: choices, radio_buttons: choices, feedback_buttons: feedback, icon_button: iconButton, workflow_button: workflowButton,
  plain_text_input: textInput, email_text_input: textInput, url_text_input: textInput, number_input: textInput, rich_text_input: richTextInput,
  datepicker: dateInput, timepicker: dateInput, datetimepicker: dateInput, file_input: fileInput,
  static_select: select, external_select: select, users_select: select, conversations_select: select, channels_select: select,
  multi_static_select: select, multi_external_select: select, multi_users_select: select, multi_conversations_select: select, multi_channels_select: select,
};
