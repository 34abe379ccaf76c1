/* A small form of the page itself, drawn with the inputs of Block Kit. */
import { renderBlocks } from "./blocks.js";
import { fill, freshId, h } from "./dom.js";
import { answerKey, Form } from "./forms.js";
import { Surface } from "./surface.js";

const ELEMENT = {
  users: { type: "multi_users_select" },
  integer: { type: "number_input", is_decimal_allowed: false },
  number: { type: "number_input", is_decimal_allowed: true },
  boolean: { type: "static_select", options: ["true", "false"].map((value) => ({ value, text: { type: "plain_text", text: value === "true" ? "Yes" : "No" } })) },
  "slack#/types/user_id": { type: "users_select" },
  "slack#/types/channel_id": { type: "conversations_select", default_to_current_conversation: true },
  "slack#/types/date": { type: "datepicker" },
  "slack#/types/timestamp": { type: "datetimepicker" },
};

const READ = {
  integer: Number,
  number: Number,
  boolean: (answer) => answer.value === "true",
};

/** Ask for `fields` of `{name, type, title, description, required}`; resolves to the answers by name, or null. */
export function ask(title, agree, fields, here = null) {
  const blocks = fields.map((field) => ({
    type: "input", block_id: field.name, optional: !field.required,
    label: { type: "plain_text", text: field.title ?? field.name },
    hint: field.description ? { type: "plain_text", text: field.description } : null,
    element: { action_id: field.name, ...(ELEMENT[field.type] ?? { type: "plain_text_input" }) },
  }));
  const form = new Form().adopt(blocks, here);
  return new Promise((resolve) => {
    const heading = freshId("ask");
    const body = h("div", { class: "modal-body" });
    const draw = (errors = {}) => fill(body, renderBlocks(blocks, new Surface({ type: "page" }, { form, here, errors })));
    const finish = (answers) => {
      dialog.close();
      dialog.remove();
      resolve(answers);
    };
    const submit = (event) => {
      event.preventDefault();
      const answers = answersOf(fields, blocks, form);
      const missing = fields.filter((field) => field.required && !Object.hasOwn(answers, field.name));
      if (!missing.length) finish(answers);
      else draw(Object.fromEntries(missing.map((field) => [field.name, "Please complete this required field."])));
    };
    const dialog = h("dialog", { role: "dialog", class: "modal", "aria-labelledby": heading }, h("form", { novalidate: true, onsubmit: submit },
      h("header", { class: "modal-head" }, h("h2", { id: heading }, title)), body,
      h("footer", { class: "modal-foot" },
        h("button", { type: "button", onclick: () => finish(null) }, "Cancel"), h("button", { class: "primary", type: "submit" }, agree))));
    dialog.addEventListener("cancel", (event) => event.target === dialog && finish(null));
    draw();
    document.body.append(dialog);
    dialog.showModal();
    body.querySelector("input, textarea")?.focus();
  });
}

function answersOf(fields, blocks, form) {
  const given = fields.map((field, index) => {
    const answer = form.values[field.name]?.[field.name]?.[answerKey(blocks[index].element.type)];
    return [field.name, answer?.length === 0 ? null : answer, READ[field.type] ?? ((value) => value)];
  });
  return Object.fromEntries(given.filter(([, answer]) => answer !== null && answer !== undefined).map(([name, answer, read]) => [name, read(answer)]));
}
