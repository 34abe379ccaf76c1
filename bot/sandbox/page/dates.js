/* Times as the reader sees them: Slack's date tokens, the message time, the day divider, all in the reader's zone. */

const DAY = 86_400_000;

function parts(when, tz, options) {
  return new Intl.DateTimeFormat("en-US", { timeZone: tz, ...options }).format(when);
}

function dayNumber(when, tz) {
  const [year, month, day] = isoDate(when, tz).split("-").map(Number);
  return Date.UTC(year, month - 1, day) / DAY;
}

/** YYYY-MM-DD in a zone. */
export function isoDate(when, tz) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: tz, year: "numeric", month: "2-digit", day: "2-digit" }).format(when);
}

function ordinal(day) {
  const tail = day % 10;
  if (tail === 1 && day !== 11) return `${day}st`;
  if (tail === 2 && day !== 12) return `${day}nd`;
  if (tail === 3 && day !== 13) return `${day}rd`;
  return `${day}th`;
}

function relative(when, now, tz) {
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[dayNumber(when, tz) - dayNumber(now, tz)];
}

function ago(when, now) {
  const seconds = Math.round((now - when) / 1000);
  const size = Math.abs(seconds);
  const units = [["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const [unit, length] = units.find(([, each]) => size >= each) ?? ["second", 1];
  return new Intl.RelativeTimeFormat("en", { numeric: "always" }).format(-Math.trunc(seconds / length), unit);
}

/** One Slack date token (`date_short`, `time`, …) of a Date, or null when there is no such token. */
export function dateToken(token, when, now, tz) {
  const day = () => ordinal(Number(parts(when, tz, { day: "numeric" })));
  const month = () => parts(when, tz, { month: "long" });
  const year = () => parts(when, tz, { year: "numeric" });
  const weekday = () => parts(when, tz, { weekday: "long" });
  const pretty = (full) => relative(when, now, tz) ?? full;
  const date = () => `${month()} ${day()}, ${year()}`;
  const short = () => parts(when, tz, { month: "short", day: "numeric", year: "numeric" });
  const long = () => `${weekday()}, ${date()}`;
  const table = {
    date_num: () => isoDate(when, tz),
    date_slash: () => parts(when, tz, { year: "numeric", month: "2-digit", day: "2-digit" }),
    date, date_short: short, date_long: long, date_long_full: long,
    date_pretty: () => pretty(date()),
    date_short_pretty: () => pretty(short()),
    date_long_pretty: () => pretty(long()),
    day_divider_pretty: () => dayDivider(when, now, tz),
    time: () => clockTime(when, tz),
    time_secs: () => parts(when, tz, { hour: "numeric", minute: "2-digit", second: "2-digit" }),
    ago: () => ago(when, now),
  };
  return Object.hasOwn(table, token) ? table[token]() : null;
}

/** Fill a Slack date format such as `{date_short} at {time}`. */
export function dateFormat(format, timestamp, now, tz) {
  const when = new Date(Number(timestamp) * 1000);
  if (Number.isNaN(when.getTime())) return null;
  return format.replace(/\{(\w+)\}/g, (whole, token) => dateToken(token, when, now, tz) ?? whole);
}

/** 6:39 PM */
export function clockTime(when, tz) {
  return parts(when, tz, { hour: "numeric", minute: "2-digit" });
}

/** Monday, November 23 at 6:39 PM: for tooltips and the clock. */
export function fullTime(when, tz) {
  return `${parts(when, tz, { weekday: "long", month: "long", day: "numeric" })} at ${clockTime(when, tz)}`;
}

/** Today, Yesterday, or the day written out. */
export function dayDivider(when, now, tz) {
  const near = relative(when, now, tz);
  if (near) return near[0].toUpperCase() + near.slice(1);
  const sameYear = isoDate(when, tz).slice(0, 4) === isoDate(now, tz).slice(0, 4);
  const options = { weekday: "long", month: "long", day: "numeric", year: sameYear ? undefined : "numeric" };
  return parts(when, tz, options);
}

/** Epoch seconds → the value of a `datetime-local` input in a zone. */
export function toLocalInput(seconds, tz) {
  const when = new Date(seconds * 1000);
  const time = new Intl.DateTimeFormat("en-GB", { timeZone: tz, hour: "2-digit", minute: "2-digit" }).format(when);
  return `${isoDate(when, tz)}T${time}`;
}

/** The value of a `datetime-local` input in a zone → epoch seconds; the gap of spring moves forward. */
export function fromLocalInput(text, tz) {
  const wanted = Date.parse(`${text}Z`);
  if (Number.isNaN(wanted)) return null;
  const offset = (at) => Date.parse(`${toLocalInput(at / 1000, tz)}Z`) - Math.floor(at / 60_000) * 60_000;
  const guess = wanted - offset(wanted);
  return (wanted - offset(guess)) / 1000;
}
