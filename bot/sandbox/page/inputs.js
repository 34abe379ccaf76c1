/* Inputs a person types into: text, number, e-mail, address, dates and times, files, rich text. */
import { problem, upload } from "./api.js";
import { fill, h } from "./dom.js";
import { fromLocalInput, toLocalInput } from "./dates.js";
import { textString } from "./mrkdwn.js";
import { store } from "./store.js";
import { toast } from "./toasts.js";

const NATIVE = { email_text_input: "email", url_text_input: "url", number_input: "text", plain_text_input: "text" };

/** A text-like input; Enter or each letter fires where the block asks for it. */
export function textInput(surface, block, element, attributes) {
  const tag = element.multiline ? "textarea" : "input";
  const input = h(tag, {
    ...attributes,
    type: element.multiline ? null : NATIVE[element.type],
    rows: element.multiline ? 4 : null,
    inputmode: element.type === "number_input" ? (element.is_decimal_allowed ? "decimal" : "numeric") : null,
    placeholder: element.placeholder ? textString(element.placeholder) : null,
    value: surface.form.get(block, element) ?? "",
    autocomplete: "off",
  });
  const left = element.max_length ? h("small", { class: "count", "aria-hidden": "true" }) : null;
  const count = () => {
    if (!left) return;
    const room = element.max_length - [...input.value].length;
    left.textContent = room <= Math.max(20, element.max_length * 0.1) ? String(room) : "";
    left.classList.toggle("over", room < 0);
  };
  const when = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  let waiting;
  const keep = (fires) => surface.answer(block, element, input.value === "" ? null : input.value, fires);
  input.addEventListener("input", () => {
    keep(false);
    count();
    if (!when.includes("on_character_entered")) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => input.isConnected && keep(true), 300);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || element.multiline || !block.dispatch_action || !when.includes("on_enter_pressed")) return;
    event.preventDefault();
    keep(true);
  });
  count();
  return left ? h("div", { class: "counted" }, input, left) : input;
}

/** Rich text typed as plain lines, kept as a `rich_text` value. */
export function richTextInput(surface, block, element, attributes) {
  const words = (surface.form.get(block, element)?.elements ?? [])
    .map((section) => (section.elements ?? []).map((each) => each.text ?? each.url ?? "").join("")).join("\n");
  const area = h("textarea", { ...attributes, rows: element.min_lines ?? 4, placeholder: element.placeholder ? textString(element.placeholder) : null, value: words });
  const rich = (text) => ({ type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text }] }] });
  area.addEventListener("input", () => surface.answer(block, element, area.value ? rich(area.value) : null, false));
  return area;
}

/** Date, time, or both in the reader's zone. */
export function dateInput(surface, block, element, attributes) {
  const moment = element.type === "datetimepicker";
  const type = moment ? "datetime-local" : element.type === "timepicker" ? "time" : "date";
  const held = surface.form.get(block, element);
  const show = (answer) => (answer === null || answer === undefined ? "" : moment ? toLocalInput(answer, store.tz()) : answer);
  const input = h("input", { ...attributes, type, value: show(held), title: moment ? `In ${store.tz()}` : element.timezone ?? null });
  input.addEventListener("change", async () => {
    const before = surface.form.get(block, element);
    const answer = input.value === "" ? null : moment ? fromLocalInput(input.value, store.tz()) : input.value;
    if (!(await surface.answer(block, element, answer))) input.value = show(before);
  });
  return input;
}

/** Files, uploaded as soon as they are chosen. */
export function fileInput(surface, block, element, attributes) {
  const names = h("ul", { class: "file-names" });
  const types = element.filetypes?.length ? element.filetypes.map((type) => `.${type}`).join(",") : null;
  const most = element.max_files ?? 10;
  const input = h("input", { ...attributes, type: "file", accept: types, multiple: most > 1 || null });
  const draw = () => fill(names, (surface.form.get(block, element) ?? []).map((file) => h("li", {}, file.name, " ",
    h("button", { class: "quiet", type: "button", "aria-label": `Remove ${file.name}`, onclick: () => drop(file) }, "×"))));
  const drop = (file) => {
    surface.answer(block, element, surface.form.get(block, element).filter((each) => each.id !== file.id), false);
    draw();
  };
  input.addEventListener("change", async () => {
    input.setAttribute("aria-busy", "true");
    for (const file of [...input.files]) {
      if ((surface.form.get(block, element) ?? []).length >= most) {
        toast(`At most ${most} file${most === 1 ? "" : "s"} here.`, "error");
        break;
      }
      const answer = await upload(file, { user: store.me });
      if (answer.ok === false) toast(`${file.name}: ${problem(answer)}`, "error");
      else await surface.answer(block, element, [...(surface.form.get(block, element) ?? []), answer.file], false);
      draw();
    }
    input.value = "";
    input.removeAttribute("aria-busy");
  });
  draw();
  return h("div", { class: "files-field" }, input, names);
}
