/* Where a person writes: text, slash commands, mentions, files; suggestions come while typing. */
import { post, problem, upload } from "./api.js";
import { avatar } from "./avatar.js";
import { fill, freshId, h } from "./dom.js";
import { globalMenu } from "./shortcuts.js";
import { isDirect, store } from "./store.js";
import { suggest, withIds } from "./suggestions.js";
import { complain } from "./surface.js";
import { toast } from "./toasts.js";

const drafts = new Map();

/** A composer for a channel, or for a thread of it. */
export function composer(channel, thread = null) {
  const place = `${store.me}/${channel}/${thread ?? ""}`;
  const name = store.title(store.channel(channel));
  const listId = freshId("suggestions");
  let files = [];
  let offered = null;
  let active = 0;
  let busy = false;

  const area = h("textarea", {
    id: thread ? null : "composer", rows: 1, "aria-label": thread ? "Thread reply" : "Message", role: "combobox", "aria-expanded": "false",
    "aria-controls": listId, "aria-autocomplete": "list", autocomplete: "off", value: drafts.get(place) ?? "",
    placeholder: thread ? "Reply…" : isDirect(store.channel(channel)) ? `Write to ${name}, or type / for commands` : `Write to #${name}, or type / for commands`,
  });
  const list = h("ul", { id: listId, class: "suggestions", role: "listbox", "aria-label": "Suggestions", hidden: true });
  const attached = h("div", { class: "attached" });
  const picker = h("input", { type: "file", multiple: true, hidden: true, "aria-label": "Files to attach", onchange: () => attach([...picker.files]) });
  const send = h("button", { class: "primary send", type: "submit", "aria-label": thread ? "Post reply" : "Send", title: "Send (Enter)" }, "➤");
  const box = h("form", { class: "composer", onsubmit: submit }, list, attached, area,
    h("div", { class: "composer-foot" },
      h("button", { class: "square", type: "button", "aria-label": "Attach files", title: "Attach files", onclick: () => picker.click() }, "+"),
      thread ? null : globalMenu(channel),
      h("button", { class: "square", type: "button", "aria-label": "Commands", title: "Slash commands", onclick: () => insert("/", true) }, "/"),
      h("button", { class: "square", type: "button", "aria-label": "Mention someone", title: "Mention someone", onclick: () => insert("@") }, "@"),
      picker, h("span", { class: "grow" }), send));

  function grow() {
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, 220)}px`;
    send.disabled = busy || (!area.value.trim() && !files.length);
    drafts.set(place, area.value);
  }

  function insert(mark, alone = false) {
    const at = area.selectionStart;
    if (alone) area.value = area.value.startsWith(mark) ? area.value : mark + area.value;
    else area.setRangeText(at && !/\s/.test(area.value[at - 1]) ? ` ${mark}` : mark, at, at, "end");
    area.focus();
    offer();
  }

  function offer() {
    grow();
    offered = suggest(area.value.slice(0, area.selectionStart), channel);
    active = 0;
    list.hidden = !offered;
    area.setAttribute("aria-expanded", String(Boolean(offered)));
    if (!offered) {
      area.removeAttribute("aria-activedescendant");
      return;
    }
    fill(list, offered.items.map((item, index) => h("li", {
      id: `${listId}-${index}`, role: "option", onmousedown: (event) => event.preventDefault(), onclick: () => take(item), onmousemove: () => mark(index),
    }, item.user ? avatar(item.user, "small") : null, h("b", {}, item.label), item.hint ? h("code", {}, item.hint) : null, item.note ? h("small", {}, item.note) : null)));
    mark(0);
  }

  function mark(index) {
    active = index;
    [...list.children].forEach((node, at) => node.setAttribute("aria-selected", String(at === index)));
    area.setAttribute("aria-activedescendant", `${listId}-${index}`);
    list.children[index].scrollIntoView({ block: "nearest" });
  }

  function hide() {
    offered = null;
    list.hidden = true;
    area.setAttribute("aria-expanded", "false");
  }

  function take(item) {
    area.setRangeText(item.insert, offered.from, area.selectionStart, "end");
    hide();
    area.focus();
    grow();
    if (item.again) offer();
  }

  async function attach(chosen) {
    for (const file of chosen) {
      const answer = await upload(file, { user: store.me });
      if (answer.ok === false) toast(`${file.name}: ${problem(answer)}`, "error");
      else files = [...files, answer.file];
    }
    picker.value = "";
    drawFiles();
    area.focus();
  }

  function drawFiles() {
    fill(attached, files.map((file) => h("span", { class: "chip" }, "📎 ", file.name,
      h("button", { class: "quiet", type: "button", "aria-label": `Remove ${file.name}`, onclick: () => {
        files = files.filter((each) => each !== file);
        drawFiles();
      } }, "×"))));
    grow();
  }

  async function submit(event) {
    event.preventDefault();
    const typed = area.value.trim();
    if (busy || (!typed && !files.length)) return;
    const text = withIds(typed);
    const command = typed.startsWith("/") && !files.length;
    const kept = files;
    busy = true;
    area.value = "";
    files = [];
    hide();
    drawFiles();
    area.focus();
    store.tell("sent", { thread });
    const where = { user: store.me, channel, ...(thread && { thread_ts: thread }), text };
    const answer = command ? await post("command", where) : await post("message", { ...where, files: kept.map((file) => file.id) });
    busy = false;
    if (!answer.ok) {
      complain(answer);
      files = kept;
      area.value = area.value || typed;
      drawFiles();
    }
    grow();
  }

  area.addEventListener("input", offer);
  area.addEventListener("blur", hide);
  area.addEventListener("keydown", (event) => {
    if (offered && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      mark((active + (event.key === "ArrowDown" ? 1 : -1) + offered.items.length) % offered.items.length);
    } else if (offered && (event.key === "Tab" || (event.key === "Enter" && !complete()))) {
      event.preventDefault();
      take(offered.items[active]);
    } else if (offered && event.key === "Escape") hide();
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      box.requestSubmit();
    }
  });
  /* Enter after a whole command or sub-word sends it; otherwise it takes the suggestion. */
  const complete = () => {
    const typed = area.value.slice(offered.from, area.selectionStart);
    return typed === "" || offered.items[active].insert.trim() === typed;
  };
  box.addEventListener("dragover", (event) => {
    event.preventDefault();
    box.classList.add("dropping");
  });
  box.addEventListener("dragleave", () => box.classList.remove("dropping"));
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    box.classList.remove("dropping");
    attach([...event.dataTransfer.files]);
  });
  requestAnimationFrame(grow);
  return box;
}
