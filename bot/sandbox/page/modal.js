/* The modal of the person: the top of Slack's view stack, with what was typed kept per view. */
import { post, problem } from "./api.js";
import { fill, h, redrawKeepingFocus } from "./dom.js";
import { Form } from "./forms.js";
import { MODAL_TITLE, modalForm } from "./modal_form.js";
import { textString } from "./mrkdwn.js";
import { store } from "./store.js";
import { Surface } from "./surface.js";
import { liftToasts } from "./toasts.js";

const forms = new Map();
let dialog = null;
let shown = null;
let errors = {};
let trouble = null;
let submitting = null;

/** Draw the stack whenever it changes, and field errors and time-outs that arrive live. */
export function startModals() {
  store.on("stack", draw);
  store.on("view_errors", ({ view_id: id, errors: words }) => showErrors(id, words));
  draw();
}

/** Say in the open modal that the app did not answer; false when there is no modal. */
export function showTrouble(words) {
  if (!dialog) return false;
  trouble = words;
  submitting = null;
  redraw();
  return true;
}

function top() {
  return store.stack.at(-1);
}

function draw() {
  for (const id of forms.keys()) if (!store.stack.some((view) => view.id === id)) forms.delete(id);
  const view = top();
  const version = JSON.stringify([view, store.stack.length]);
  if (!view) return remove();
  if (version === shown) return null;
  const another = isAnother(view);
  shown = version;
  errors = {};
  trouble = null;
  submitting = null;
  if (!dialog) open();
  redraw();
  if (another) focusFirst();
  return null;
}

/* A view that becomes another form, as the next step of several does, begins at its top. */
function isAnother(view) {
  return dialog?.dataset.viewId !== view.id || dialog.dataset.callbackId !== (view.callback_id ?? "");
}

function open() {
  dialog = h("dialog", { role: "dialog", class: "modal", "aria-modal": "true", "aria-labelledby": MODAL_TITLE }, h("div", { class: "modal-frame" }));
  dialog.addEventListener("cancel", (event) => {
    if (event.target !== dialog) return;
    event.preventDefault();
    close(false);
  });
  document.body.append(dialog);
  dialog.showModal();
  liftToasts();
}

function remove() {
  dialog?.close();
  dialog?.remove();
  dialog = null;
  shown = null;
  submitting = null;
}

function focusFirst() {
  const body = dialog.querySelector(".modal-body");
  body.scrollTop = 0;
  const first = body.querySelector("[autofocus]") ?? body.querySelector("input:not([type=file]), textarea") ?? dialog.querySelector(".modal-foot button");
  first?.focus({ preventScroll: true });
}

function formOf(view) {
  if (!forms.has(view.id)) forms.set(view.id, new Form(view.state?.values ?? {}));
  return forms.get(view.id);
}

function redraw() {
  const view = top();
  const body = dialog.querySelector(".modal-body");
  const scroll = isAnother(view) ? 0 : body?.scrollTop ?? 0;
  const sent = submitting === view.id;
  redrawKeepingFocus(dialog, () => {
    dialog.dataset.viewId = view.id;
    dialog.dataset.callbackId = view.callback_id ?? "";
    fill(dialog.querySelector(".modal-frame"), formNode(view, sent));
    dialog.querySelector(".modal-body").scrollTop = scroll;
  });
}

function formNode(view, sent) {
  const form = formOf(view).adopt(view.blocks, store.place.channel);
  const surface = new Surface({ type: "view", view_id: view.id }, { form, here: store.place.channel, errors });
  const adrift = Object.entries(errors).filter(([id]) => !view.blocks.some((block) => block.block_id === id && block.type === "input"));
  return modalForm(view, surface, {
    sent, notices: [trouble, ...adrift.map(([, text]) => text)].filter(Boolean),
    onback: store.stack.length > 1 ? () => close(false) : null,
    onclose: () => close(false), ondismiss: () => close(true), onsubmit: submit,
  });
}

async function submit(event) {
  event.preventDefault();
  const view = top();
  if (submitting) return;
  submitting = view.id;
  errors = {};
  trouble = null;
  redraw();
  const answer = await post("submit", { user: store.me, view_id: view.id, state: formOf(view).state() });
  if (submitting === view.id) submitting = null;
  if (top()?.id !== view.id) return;
  if (answer.errors && Object.keys(answer.errors).length) showErrors(view.id, answer.errors);
  else {
    if (!answer.ok) trouble ??= problem(answer);
    redraw();
  }
}

function showErrors(id, words) {
  if (top()?.id !== id) return;
  errors = words;
  submitting = null;
  redraw();
  const first = dialog.querySelector(".field.invalid");
  first?.scrollIntoView({ block: "nearest" });
  first?.querySelector("input, textarea")?.focus({ preventScroll: true });
}

async function close(all) {
  const view = top();
  if (!view) return;
  const answer = await post("close", { user: store.me, view_id: view.id, clear: all });
  if (answer.ok) return;
  trouble = `${textString(view.title)} could not be closed: ${problem(answer)}`;
  redraw();
}
