/* Building DOM nodes: text always arrives as text, never as markup. */

/** Make an element. `on…` attributes are listeners, `dataset`, `style` and `class` do what they say, null and false are left out. */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "dataset") Object.assign(node.dataset, value);
    else if (name === "style") Object.assign(node.style, value);
    else if (name === "class") node.className = value;
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...flat(children));
  return node;
}

/** Replace what a node holds. */
export function fill(node, ...children) {
  node.replaceChildren(...flat(children));
  return node;
}

function flat(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

let counter = 0;

/** An id that is unique in this page. */
export function freshId(prefix) {
  counter += 1;
  return `${prefix}-${counter}`;
}

const SAFE_LINK = /^(https?:|mailto:|tel:|\/)/i;

/** A link that cannot run anything and opens outside this tab. */
export function link(url, ...label) {
  if (!SAFE_LINK.test(url)) return h("span", {}, ...label);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...label);
}

/** Replace what `root` shows through `draw` and put focus, caret and scroll back where they were. */
export function redrawKeepingFocus(root, draw) {
  const before = document.activeElement;
  const key = root.contains(before) ? before.dataset.actionId : null;
  const block = key ? before.closest("[data-block-id]")?.dataset.blockId : null;
  const caret = key && "selectionStart" in before ? caretOf(before) : null;
  const scroll = root.scrollTop;
  draw();
  root.scrollTop = scroll;
  if (!key) return;
  const inBlock = block ? `[data-block-id="${CSS.escape(block)}"] ` : "";
  const after = root.querySelector(`${inBlock}[data-action-id="${CSS.escape(key)}"]`);
  after?.focus({ preventScroll: true });
  if (after && caret && caret[0] !== null) after.setSelectionRange(...caret);
}

function caretOf(input) {
  return [input.selectionStart, input.selectionEnd];
}
