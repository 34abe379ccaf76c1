/* What a person has typed and picked on one surface, in the shape of Slack's `state.values`. */

const EMPTY = {
  plain_text_input: ["value", (e) => e.initial_value ?? null],
  email_text_input: ["value", (e) => e.initial_value ?? null],
  url_text_input: ["value", (e) => e.initial_value ?? null],
  number_input: ["value", (e) => e.initial_value ?? null],
  rich_text_input: ["rich_text_value", (e) => e.initial_value ?? null],
  static_select: ["selected_option", (e) => e.initial_option ?? null],
  external_select: ["selected_option", (e) => e.initial_option ?? null],
  radio_buttons: ["selected_option", (e) => e.initial_option ?? null],
  checkboxes: ["selected_options", (e) => e.initial_options ?? []],
  multi_static_select: ["selected_options", (e) => e.initial_options ?? []],
  multi_external_select: ["selected_options", (e) => e.initial_options ?? []],
  users_select: ["selected_user", (e) => e.initial_user ?? null],
  multi_users_select: ["selected_users", (e) => e.initial_users ?? []],
  conversations_select: ["selected_conversation", (e, here) => e.initial_conversation ?? (e.default_to_current_conversation ? here : null) ?? null],
  multi_conversations_select: ["selected_conversations", (e, here) => e.initial_conversations ?? (e.default_to_current_conversation && here ? [here] : [])],
  channels_select: ["selected_channel", (e) => e.initial_channel ?? null],
  multi_channels_select: ["selected_channels", (e) => e.initial_channels ?? []],
  datepicker: ["selected_date", (e) => e.initial_date ?? null],
  timepicker: ["selected_time", (e) => e.initial_time ?? null],
  datetimepicker: ["selected_date_time", (e) => e.initial_date_time ?? null],
  file_input: ["files", () => []],
};

/** The key that holds an element's answer (`value`, `selected_option`, …), or undefined for what keeps none. */
export function answerKey(type) {
  return EMPTY[type]?.[0];
}

/** The elements of a block that a person can use. */
export function elementsOf(block) {
  if (block.type === "input") return [block.element];
  if (block.type === "section") return block.accessory ? [block.accessory] : [];
  return block.type === "actions" || block.type === "context_actions" ? block.elements : [];
}

function nameMissing(blocks) {
  blocks.forEach((block, index) => {
    block.block_id ??= `block-${index}`;
    elementsOf(block).forEach((element, at) => {
      element.action_id ??= `action-${at}`;
    });
  });
}

/** Answers of one surface; what stays in the blocks keeps its answer when the surface is drawn again. */
export class Form {
  constructor(seed = {}) {
    this.values = structuredClone(seed);
    this.begun = false;
  }

  /** Take the blocks of a new version: drop answers that have no field any more, start those that are new. */
  adopt(blocks, here = null) {
    nameMissing(blocks ?? []);
    const next = {};
    for (const block of blocks ?? []) {
      for (const element of elementsOf(block)) {
        const spec = EMPTY[element.type];
        if (!spec) continue;
        const kept = this.values[block.block_id]?.[element.action_id];
        const [key, initial] = spec;
        next[block.block_id] ??= {};
        const untouched = !this.begun && element.default_to_current_conversation && !kept?.[key]?.length;
        next[block.block_id][element.action_id] =
          kept?.type === element.type && !untouched ? kept : { type: element.type, [key]: initial(element, here) };
      }
    }
    this.values = next;
    this.begun = true;
    return this;
  }

  get(block, element) {
    return this.values[block.block_id]?.[element.action_id]?.[answerKey(element.type)];
  }

  set(block, element, answer) {
    this.values[block.block_id] ??= {};
    this.values[block.block_id][element.action_id] = { type: element.type, [answerKey(element.type)]: answer };
  }

  /** `{values}` as Slack sends it. */
  state() {
    return { values: structuredClone(this.values) };
  }
}
