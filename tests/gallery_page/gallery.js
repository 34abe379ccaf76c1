/* The gallery: every exhibit drawn as the sandbox draws it, with an index, light and dark, wide and narrow. */
import { fill, h } from "/page/dom.js";
import { Form } from "/page/forms.js";
import { drawHome } from "/page/home.js";
import { drawMessage } from "/page/messages.js";
import { modalForm } from "/page/modal_form.js";
import { store } from "/page/store.js";
import { Surface } from "/page/surface.js";
import { toast } from "/page/toasts.js";

const READER = "U0ADA";
const CHANNEL = "C0EXPERIMENTS";
const HARSH = ["hostile", "full", "endless", "extreme"];

/* Nobody answers here: what would be sent is only named. */
class Exhibit extends Surface {
  async send(block, element) {
    toast(`Would send ${element.action_id} to the app.`);
  }

  async options() {
    return { options: [] };
  }
}

function surfaceOf(view) {
  return new Exhibit({ type: view.type }, { form: new Form().adopt(view.blocks, CHANNEL), here: CHANNEL });
}

const still = (event) => event?.preventDefault();

const DRAW = {
  message: ({ name, text, blocks }) => {
    const message = { ts: `${store.now() / 1000}`, user: store.app.user_id, bot_id: "B0BUNSEN", text, blocks };
    return drawMessage(`exhibit ${name}`, message, { surface: (form) => new Exhibit({ type: "message" }, { form, here: CHANNEL }) });
  },
  modal: ({ view }) => h("div", { class: "modal" }, modalForm(view, surfaceOf(view), { onback: null, ondismiss: still, onclose: still, onsubmit: still })),
  home: ({ view }) => h("div", { class: "home" }, drawHome(view, surfaceOf(view))),
};

/* In notifications, in search and for those who cannot see the picture there is only this. */
function unseen({ text, alts = [] }) {
  const lines = [["Notification", text], ...alts.map((alt) => ["Picture in words", alt])].filter(([, words]) => words);
  return lines.length ? h("details", { class: "unseen" }, h("summary", {}, "Notification and descriptions"),
    lines.map(([label, words]) => h("p", {}, h("b", {}, `${label}: `), words))) : null;
}

function exhibit(each) {
  const frame = h("div", { class: "frame" });
  const drawn = () => frame.childNodes.length || fill(frame, DRAW[each.kind](each));
  const title = h("h3", {}, each.name, " ", h("small", {}, each.kind === "home" ? "Home tab" : each.kind));
  if (!each.harsh) {
    drawn();
    return h("article", { class: "exhibit", id: anchor(each.kind, each.name), dataset: { name: each.name } }, title, frame, unseen(each));
  }
  const details = h("details", { class: "exhibit harsh", id: anchor(each.kind, each.name), dataset: { name: each.name } }, h("summary", {}, title), frame, unseen(each));
  details.addEventListener("toggle", () => details.open && drawn());
  return details;
}

function anchor(...words) {
  return words.join("-").replace(/\W+/g, "-");
}

function grouped(exhibits, key) {
  const groups = new Map();
  for (const each of exhibits) groups.set(key(each), [...(groups.get(key(each)) ?? []), each]);
  return [...groups.values()];
}

function words(each) {
  return each.name.split(/[ /]+/);
}

/* Exhibits whose names begin with the same word show the same kind of thing; they are called by what their names share. */
function byKind(exhibits) {
  return grouped(exhibits, (each) => words(each)[0]).map((group) => {
    const all = group.map(words);
    const end = all[0].findIndex((word, at) => all.some((each) => each[at] !== word));
    return { called: (end < 0 ? all[0] : all[0].slice(0, end)).join(" "), group };
  });
}

/* Harsh content stands below the ordinary content of the same state. */
function cells(group, id) {
  return grouped(group, (each) => `${each.kind} ${words(each).filter((word) => !HARSH.includes(word)).join(" ")}`)
    .map((cell, at) => h("div", { class: "cell", id: at ? null : id }, cell.sort((a, b) => a.harsh - b.harsh).map(exhibit)));
}

function area({ name, about, exhibits }) {
  return h("section", { id: name, "aria-label": name }, h("h2", {}, name, " ", h("small", {}, about)),
    h("div", { class: "cells" }, byKind(exhibits).map(({ called, group }) => cells(group, anchor(name, called)))));
}

function index(areas) {
  return areas.map(({ name, exhibits }) => h("div", {}, h("a", { class: "area", href: `#${name}` }, name),
    byKind(exhibits).map(({ called, group }) => h("a", { href: `#${anchor(name, called)}` }, called, " ", h("small", {}, String(group.length))))));
}

function press(attribute, value) {
  document.documentElement.dataset[attribute] = value;
  for (const button of document.querySelectorAll(`[data-${attribute}]:is(button)`)) {
    button.setAttribute("aria-pressed", String(button.dataset[attribute] === value));
  }
}

async function start() {
  const { state, areas } = await (await fetch("/exhibits")).json();
  store.load(state, READER);
  fill(document.getElementById("exhibits"), areas.map(area));
  fill(document.getElementById("index"), index(areas));
  const all = areas.flatMap((each) => each.exhibits);
  document.getElementById("count").textContent = `${all.length} states, ${all.filter((each) => each.harsh).length} of them with harsh content`;
  const query = new URLSearchParams(location.search);
  press("scheme", query.get("scheme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
  press("width", query.get("width") ?? "wide");
  document.querySelector(".bar").addEventListener("click", ({ target }) => {
    for (const name of ["scheme", "width"]) if (target.dataset[name]) press(name, target.dataset[name]);
  });
  const harsh = document.getElementById("harsh");
  harsh.addEventListener("click", () => {
    const open = harsh.getAttribute("aria-pressed") !== "true";
    harsh.setAttribute("aria-pressed", String(open));
    document.querySelectorAll(".harsh").forEach((each) => {
      each.open = open;
    });
  });
  document.body.dataset.ready = "yes";
  if (location.hash) document.querySelector(location.hash)?.scrollIntoView();
}

start();
