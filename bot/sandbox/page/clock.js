/* The sandbox's clock in the top bar: the time for the reader, how fast it runs, and buttons that move it. */
import { post } from "./api.js";
import { fill, h } from "./dom.js";
import { clockTime, fullTime } from "./dates.js";
import { store } from "./store.js";
import { complain } from "./surface.js";

const HOUR = 3600;
const STEPS = [["+1 hour", HOUR], ["+1 day", 24 * HOUR], ["+1 week", 168 * HOUR]];
const RATES = [["Pause", 0], ["1×", 1], ["Fast", HOUR]];
const TICK = 500;

/** Draw the clock and keep it going. */
export function startClock() {
  const face = h("time", { class: "clock-face", "aria-label": "Sandbox time" });
  const rates = RATES.map(([words, rate]) => h("button", { type: "button", dataset: { rate }, title: speed(rate), onclick: () => send({ rate }) }, words));
  const steps = STEPS.map(([words, advance]) => h("button", { type: "button", onclick: () => send({ advance }) }, words));
  const speedWords = h("span", { class: "clock-rate" });
  const details = h("details", { class: "clock-more" },
    h("summary", { "aria-label": "Move the clock" }, "🕑 ", face, speedWords, h("span", { class: "caret", "aria-hidden": "true" }, "▾")),
    h("div", { class: "clock-buttons" },
      h("p", { class: "quiet-text" }, "Everything in this workspace follows this clock."),
      h("div", { class: "segmented", role: "group", "aria-label": "Move forward" }, steps),
      h("div", { class: "segmented", role: "group", "aria-label": "Speed" }, rates)));
  fill(document.getElementById("clock"), details);
  document.addEventListener("click", (event) => {
    if (!details.contains(event.target)) details.open = false;
  });
  const draw = () => {
    const now = store.now();
    const words = `${new Intl.DateTimeFormat("en-GB", { timeZone: store.tz(), weekday: "short", day: "numeric", month: "short" }).format(now)}, ${clockTime(now, store.tz())}`;
    if (face.textContent !== words) {
      face.textContent = words;
      face.dateTime = now.toISOString();
      face.title = `${fullTime(now, store.tz())}, ${store.tz()}`;
    }
    speedWords.textContent = store.clock.rate === 0 ? "paused" : `${short(store.clock.rate)}×`;
    for (const button of rates) button.setAttribute("aria-pressed", String(pressed(Number(button.dataset.rate))));
  };
  store.on("clock", draw);
  setInterval(draw, TICK);
}

function pressed(rate) {
  return rate === HOUR ? store.clock.rate > 1 : store.clock.rate === rate;
}

function speed(rate) {
  if (!rate) return "The clock stands still";
  return rate === 1 ? "As fast as real time" : "An hour every second";
}

function short(rate) {
  return new Intl.NumberFormat("en", { maximumFractionDigits: 1 }).format(rate);
}

async function send(change) {
  const answer = await post("clock", change);
  if (!answer.ok) complain(answer);
  else store.setClock(answer.clock ?? answer);
}
