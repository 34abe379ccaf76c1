/* Select menus of every source: static, external, people, conversations, channels; one or many. */
import { answerKey } from "./forms.js";
import { h } from "./dom.js";
import { textNodes, textString } from "./mrkdwn.js";
import { picker } from "./picker.js";
import { isDirect, partner, store } from "./store.js";

const DEFAULT_MIN_QUERY = 3;

function optionItem(option) {
  return {
    key: option.value, raw: option, text: textString(option.text), nodes: textNodes(option.text),
    note: option.description ? textString(option.description) : null,
  };
}

function idItem(id) {
  const user = store.user(id);
  if (user) return { key: id, raw: id, text: user.real_name, note: user.title };
  const channel = store.channel(id);
  if (!channel) return { key: id, raw: id, text: id };
  return { key: id, raw: id, text: isDirect(channel) ? store.title(channel) : `#${channel.name}` };
}

function matching(groups, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (item) => words.every((word) => `${item.text} ${item.note ?? ""}`.toLowerCase().includes(word));
  return groups.map((group) => ({ ...group, items: group.items.filter(fits) }));
}

function groupsOf({ options, option_groups: grouped }) {
  if (grouped) return grouped.map((group) => ({ label: textString(group.label), items: group.options.map(optionItem) }));
  return [{ items: (options ?? []).map(optionItem) }];
}

function conversations(element) {
  const { include, exclude_bot_users: noBots } = element.filter ?? {};
  const kind = (channel) => (channel.is_im ? "im" : channel.is_mpim ? "mpim" : channel.is_private ? "private" : "public");
  return [...store.channels.values()].filter((channel) => !channel.is_archived)
    .filter((channel) => !include || include.includes(kind(channel)))
    .filter((channel) => !(noBots && channel.is_im && store.user(partner(channel))?.is_bot));
}

function sourceOf(surface, block, element) {
  const kind = element.type.replace(/^multi_/, "");
  if (kind === "external_select") {
    const least = element.min_query_length ?? DEFAULT_MIN_QUERY;
    return (query) => {
      if (query.length < least) return { hint: `Type at least ${least} character${least === 1 ? "" : "s"} to search` };
      return surface.options(block, element, query).then((answer) => (answer.ok === false ? { hint: "The app did not answer" } : groupsOf(answer)));
    };
  }
  const groups = {
    static_select: () => groupsOf(element),
    users_select: () => [{ items: [...store.users.values()].filter((user) => !user.deleted).map((user) => idItem(user.id)) }],
    conversations_select: () => [{ items: conversations(element).map((channel) => idItem(channel.id)) }],
    channels_select: () => [{
      items: [...store.channels.values()].filter((c) => !c.is_im && !c.is_private && !c.is_archived).map((c) => idItem(c.id)),
    }],
  }[kind];
  return (query) => matching(groups(), query);
}

/** A select element of any kind; `attributes` go to its search field. */
export function select(surface, block, element, attributes) {
  const multi = element.type.startsWith("multi_");
  const answer = surface.form.get(block, element);
  const held = (multi ? answer : [answer]).filter((each) => each !== null && each !== undefined);
  const toItem = /(static|external)_select$/.test(element.type) ? optionItem : idItem;
  const key = answerKey(element.type);
  return h("div", { class: "select", dataset: { answer: key } }, picker({
    attributes, multi, max: element.max_selected_items, clearable: Boolean(block.optional),
    placeholder: element.placeholder ? textString(element.placeholder) : multi ? "Choose some" : "Choose one",
    source: sourceOf(surface, block, element),
    selected: held.map(toItem),
    onpick: (items) => surface.answer(block, element, multi ? items.map((item) => item.raw) : items[0]?.raw ?? null),
  }));
}
