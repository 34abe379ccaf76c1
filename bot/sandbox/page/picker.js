/* A select with a search field: one or many, from a list or from the app, usable with mouse and keys. */
import { fill, freshId, h } from "./dom.js";

const ROOM = 280;

/**
 * `source(query)` answers (or resolves to) groups `[{label, items: [{key, text, nodes, note}]}]` or `{hint}`.
 * `onpick(items)` may resolve to false to take the choice back.
 */
export function picker({ attributes, source, selected, multi = false, max = Infinity, clearable = false, placeholder, onpick }) {
  let chosen = [...selected];
  let shown = [];
  let active = -1;
  let asked = 0;
  let waiting;
  const listId = freshId("options");
  const list = h("ul", { id: listId, class: "listbox", role: "listbox", popover: "manual", "aria-multiselectable": multi || null });
  const input = h("input", {
    ...attributes, type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-expanded": "false",
    "aria-controls": listId, "aria-autocomplete": "list",
  });
  const chips = h("span", { class: "chips" });
  const clear = h("button", { class: "quiet clear", type: "button", "aria-label": "Clear choice", tabindex: "-1", onclick: () => choose([]) }, "×");
  const root = h("div", { class: multi ? "picker multi" : "picker" }, chips, input, clearable && !multi ? clear : null, list);

  function rest() {
    input.value = multi ? "" : chosen[0]?.text ?? "";
    input.placeholder = multi && chosen.length ? "" : placeholder;
    clear.hidden = !chosen.length;
    fill(chips, multi && chosen.map((item) => h("span", { class: "chip" }, item.text,
      h("button", { class: "quiet", type: "button", "aria-label": `Remove ${item.text}`, onclick: () => choose(chosen.filter((each) => each !== item)) }, "×"))));
  }

  async function choose(items) {
    const before = chosen;
    chosen = items;
    rest();
    if (!multi) close();
    if ((await onpick(items)) === false) {
      chosen = before;
      rest();
    }
  }

  function pick(item) {
    if (!multi) return choose([item]);
    const on = chosen.some((each) => each.key === item.key);
    const next = on ? chosen.filter((each) => each.key !== item.key) : [...chosen, item];
    if (next.length > max) return null;
    const turn = asked;
    return choose(next).then(() => turn === asked && open(""));
  }

  function place() {
    const box = root.getBoundingClientRect();
    const below = window.innerHeight - box.bottom;
    const up = below < ROOM && box.top > below;
    Object.assign(list.style, {
      left: `${box.left}px`, width: `${box.width}px`, maxHeight: `${Math.min(ROOM, (up ? box.top : below) - 12)}px`,
      top: up ? "auto" : `${box.bottom + 4}px`, bottom: up ? `${window.innerHeight - box.top + 4}px` : "auto",
    });
  }

  async function open(query) {
    asked += 1;
    const turn = asked;
    const answer = source(query);
    if (answer instanceof Promise) note("Looking…");
    const groups = await answer;
    if (turn !== asked || document.activeElement !== input) return;
    if (groups.hint) note(groups.hint);
    else draw(groups);
  }

  function note(words) {
    shown = [];
    fill(list, h("li", { class: "note" }, words));
    show();
  }

  function draw(groups) {
    shown = groups.flatMap((group) => group.items);
    if (!shown.length) return note("Nothing found");
    active = Math.max(0, shown.findIndex((item) => chosen.some((each) => each.key === item.key)));
    let index = -1;
    fill(list, groups.filter((group) => group.items.length).map((group) => [
      group.label ? h("li", { class: "group", role: "presentation" }, group.label) : null,
      group.items.map((item) => {
        index += 1;
        const at = index;
        return h("li", {
          id: `${listId}-${at}`, role: "option", "aria-selected": String(chosen.some((each) => each.key === item.key)),
          onmousedown: (event) => event.preventDefault(), onclick: () => pick(item),
          onmousemove: () => active !== at && mark(at),
        }, h("span", {}, item.nodes ?? item.text), item.note ? h("small", {}, item.note) : null);
      }),
    ]));
    mark(active);
    return show();
  }

  function mark(at) {
    active = at;
    list.querySelectorAll("[role=option]").forEach((node, index) => node.classList.toggle("active", index === at));
    input.setAttribute("aria-activedescendant", `${listId}-${at}`);
    if (list.matches(":popover-open")) list.querySelector(".active")?.scrollIntoView({ block: "nearest" });
  }

  function show() {
    if (!input.isConnected) return;
    place();
    if (!list.matches(":popover-open")) {
      list.showPopover();
      document.addEventListener("scroll", place, true);
    }
    input.setAttribute("aria-expanded", "true");
    list.querySelector(".active")?.scrollIntoView({ block: "nearest" });
  }

  function close() {
    clearTimeout(waiting);
    asked += 1;
    document.removeEventListener("scroll", place, true);
    if (list.isConnected && list.matches(":popover-open")) list.hidePopover();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    rest();
  }

  const isOpen = () => input.getAttribute("aria-expanded") === "true";
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => open(input.value.trim()), 120);
  });
  input.addEventListener("click", () => {
    if (isOpen()) return;
    input.select();
    open("");
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOpen()) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen()) open("");
      else if (shown.length) mark((active + (event.key === "ArrowDown" ? 1 : -1) + shown.length) % shown.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (isOpen() && shown[active]) pick(shown[active]);
    } else if (event.key === "Backspace" && multi && !input.value && chosen.length) choose(chosen.slice(0, -1));
  });
  rest();
  return root;
}
