/* The `markdown` block (CommonMark as bots write it) → DOM nodes: headings, lists, tables, code, quotes, emphasis, links. */
import { h, link } from "./dom.js";
import { plain } from "./mrkdwn.js";

const INLINE = [
  [/^`([^`]+)`/, (match) => h("code", {}, match[1])],
  [/^!?\[([^\]]*)\]\((\S+?)\)/, (match) => link(match[2], ...inline(match[1] || match[2]))],
  [/^<(https?:\/\/[^>\s]+)>/, (match) => link(match[1], match[1])],
  [/^(https?:\/\/[^\s<>)]+)/, (match) => link(match[1], match[1])],
  [/^\*\*(\S(?:.*?\S)?)\*\*/, (match) => h("strong", {}, inline(match[1]))],
  [/^~~(\S(?:.*?\S)?)~~/, (match) => h("s", {}, inline(match[1]))],
  [/^\*(\S(?:.*?\S)?)\*/, (match) => h("em", {}, inline(match[1]))],
  [/^_(\S(?:.*?\S)?)_(?!\w)/, (match) => h("em", {}, inline(match[1]))],
];

/** A Markdown text as nodes. */
export function markdown(text) {
  const lines = text.replace(/\r/g, "").split("\n");
  const nodes = [];
  for (let at = 0; at < lines.length;) {
    const [node, next] = blockAt(lines, at);
    if (node) nodes.push(node);
    at = next;
  }
  return nodes;
}

function blockAt(lines, at) {
  const line = lines[at];
  if (!line.trim()) return [null, at + 1];
  if (line.startsWith("```")) return fence(lines, at);
  const heading = line.match(/^(#{1,6})\s+(.*)$/);
  if (heading) return [h("p", { role: "heading", "aria-level": heading[1].length + 2, class: "md-heading" }, inline(heading[2])), at + 1];
  if (/^(-{3,}|\*{3,}|_{3,})\s*$/.test(line)) return [h("hr"), at + 1];
  if (/^>/.test(line)) return quote(lines, at);
  if (line.includes("|") && /^\s*\|?[\s:|-]*-[\s:|-]*\|?\s*$/.test(lines[at + 1] ?? "")) return table(lines, at);
  if (listMark(line)) return list(lines, at);
  return paragraph(lines, at);
}

function fence(lines, at) {
  let end = at + 1;
  while (end < lines.length && !lines[end].startsWith("```")) end += 1;
  return [h("pre", {}, lines.slice(at + 1, end).join("\n")), end + 1];
}

function quote(lines, at) {
  let end = at;
  while (end < lines.length && /^>/.test(lines[end])) end += 1;
  return [h("blockquote", {}, markdown(lines.slice(at, end).map((line) => line.replace(/^> ?/, "")).join("\n"))), end];
}

function listMark(line) {
  return line.match(/^(\s*)([-*+]|\d+[.)])\s+(?:\[([ xX])\]\s+)?(.*)$/);
}

function list(lines, at) {
  const first = listMark(lines[at]);
  const items = [];
  let end = at;
  while (end < lines.length) {
    const mark = listMark(lines[end]);
    if (!mark || mark[1].length < first[1].length) break;
    if (mark[1].length > first[1].length) {
      const [nested, next] = list(lines, end);
      items.at(-1).append(nested);
      end = next;
      continue;
    }
    const box = mark[3] === undefined ? "" : mark[3] === " " ? "☐ " : "☑ ";
    items.push(h("li", {}, box, inline(mark[4])));
    end += 1;
  }
  return [h(/\d/.test(first[2]) ? "ol" : "ul", {}, items), end];
}

function cells(line) {
  return line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());
}

function table(lines, at) {
  const align = cells(lines[at + 1]).map((mark) => (/^:-+:$/.test(mark) ? "center" : /-:$/.test(mark) ? "right" : "left"));
  const row = (line, tag) => h("tr", {}, cells(line).map((cell, index) => h(tag, { style: { textAlign: align[index] } }, inline(cell))));
  let end = at + 2;
  while (end < lines.length && lines[end].includes("|")) end += 1;
  const body = lines.slice(at + 2, end).map((line) => row(line, "td"));
  return [h("div", { class: "table-scroll" }, h("table", {}, h("thead", {}, row(lines[at], "th")), h("tbody", {}, body))), end];
}

function paragraph(lines, at) {
  let end = at + 1;
  while (end < lines.length && lines[end].trim() && !/^(```|#{1,6}\s|>)/.test(lines[end]) && !listMark(lines[end])) end += 1;
  const body = lines.slice(at, end).flatMap((line, index) => (index ? [h("br"), ...inline(line)] : inline(line)));
  return [h("p", {}, body), end];
}

function inline(text) {
  const nodes = [];
  let run = "";
  const flush = () => {
    if (run) nodes.push(...plain(run));
    run = "";
  };
  for (let at = 0; at < text.length;) {
    if (text[at] === "\\" && /[\\`*_~[\]#|>]/.test(text[at + 1] ?? "")) {
      run += text[at + 1];
      at += 2;
      continue;
    }
    const rest = text.slice(at);
    const inWord = text[at] === "_" && /\w/.test(text[at - 1] ?? "");
    const hit = !inWord && INLINE.map(([pattern, build]) => [rest.match(pattern), build]).find(([match]) => match);
    if (hit) {
      flush();
      nodes.push(hit[1](hit[0]));
      at += hit[0][0].length;
    } else {
      run += text[at];
      at += 1;
    }
  }
  flush();
  return nodes;
}
