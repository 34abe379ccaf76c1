/* What the composer offers while one types: slash commands and their sub-words, @people, #channels. */
import { isDirect, store } from "./store.js";

const MOST = 16;

/** The literal words a usage hint offers first: `[create|review <key>|…] [key]` → create, review. */
export function subWords(hint) {
  const inside = [...(hint ?? "").matchAll(/\[([^\]]*)\]/g)].map((match) => match[1]);
  const choices = (inside.find((choice) => choice.includes("|")) ?? (hint?.includes("|") ? hint : "")).split("|");
  const words = choices.map((choice) => choice.trim().split(/\s+/)[0]);
  return [...new Set(words.filter((word) => /^[a-z][\w-]*$/i.test(word)))];
}

/**
 * Suggestions for the text left of the caret: `{from, items: [{label, note, insert}]}` or null.
 * `insert` replaces the text from `from` to the caret.
 */
export function suggest(left, channel) {
  const command = left.match(/^\/(\S*)$/);
  if (command) return offer(0, commands(left));
  const sub = left.match(/^(\/\S+) (\S*)$/);
  if (sub) return offer(sub[1].length + 1, words(sub[1], sub[2]));
  const mention = left.match(/(?:^|\s)@([\p{L}\w.-]*)$/u);
  if (mention) return offer(left.length - mention[1].length - 1, people(mention[1], channel));
  const hash = left.match(/(?:^|\s)#([\w-]*)$/);
  if (hash) return offer(left.length - hash[1].length - 1, channels(hash[1]));
  return null;
}

function offer(from, items) {
  return items.length ? { from, items: items.slice(0, MOST) } : null;
}

function commands(typed) {
  return store.app.commands.filter((each) => each.command.startsWith(typed.toLowerCase())).map((each) => ({
    label: each.command, hint: each.usage_hint, note: each.description, insert: `${each.command} `, again: true,
  }));
}

function words(name, typed) {
  const command = store.app.commands.find((each) => each.command === name);
  const left = typed.toLowerCase();
  return subWords(command?.usage_hint).filter((word) => word.startsWith(left) && word !== left)
    .map((word) => ({ label: `${name} ${word}`, insert: `${word} ` }));
}

function people(typed, channel) {
  const left = typed.toLowerCase();
  const members = new Set(store.channel(channel)?.members ?? []);
  const fits = (user) => [user.name, ...user.real_name.split(" ")].some((word) => word.toLowerCase().startsWith(left));
  return [...store.users.values()].filter((user) => !user.deleted && fits(user)).sort((a, b) => members.has(b.id) - members.has(a.id)).map((user) => ({
    label: user.real_name, note: user.title, user: user.id, insert: `@${user.real_name} `,
  }));
}

function channels(typed) {
  return [...store.channels.values()].filter((each) => !isDirect(each) && each.name.startsWith(typed.toLowerCase()))
    .map((each) => ({ label: `#${each.name}`, insert: `#${each.name} ` }));
}

/** What was typed with the names of people and channels turned into ids; the sandbox does the rest, as Slack's client would. */
export function withIds(typed) {
  let text = typed;
  const names = [...store.users.values()].map((user) => [user.real_name, user.id]).sort((a, b) => b[0].length - a[0].length);
  for (const [name, id] of names) text = replaceName(text, "@", name, `<@${id}>`);
  for (const channel of store.channels.values()) if (!isDirect(channel)) text = replaceName(text, "#", channel.name, `<#${channel.id}>`);
  return text;
}

function replaceName(text, mark, name, id) {
  const plain = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return text.replace(new RegExp(`(^|[^\\w])${mark}${plain}(?![\\w-])`, "g"), (whole, before) => before + id);
}
