/* What the page knows about the workspace as one person sees it, and who wants to hear of a change. */

const listeners = new Map();

/** The one state of this page. */
export const store = {
  me: null,
  team: {},
  app: { commands: [], shortcuts: [], functions: [] },
  users: new Map(),
  usergroups: new Map(),
  channels: new Map(),
  messages: new Map(),
  loading: new Map(),
  unread: new Map(),
  home: null,
  stack: [],
  place: { channel: null, tab: "messages", thread: null },
  clock: { now: Date.now(), rate: 1, at: performance.now() },

  on(topic, listener) {
    listeners.set(topic, [...(listeners.get(topic) ?? []), listener]);
  },

  tell(topic, detail) {
    for (const listener of listeners.get(topic) ?? []) listener(detail);
  },

  load(state, me) {
    Object.assign(this, { me, team: state.team ?? {}, app: { commands: [], shortcuts: [], functions: [], ...state.app } });
    this.usergroups = new Map((state.usergroups ?? []).map((group) => [group.id, group]));
    this.users = new Map((state.users ?? []).map((user) => [user.id, user]));
    this.channels = new Map((state.channels ?? []).map((channel) => [channel.id, channel]));
    this.home = state.home ?? null;
    this.stack = state.views ?? [];
    this.setClock(state.clock);
  },

  setClock({ now, rate } = {}) {
    if (now === undefined) return;
    this.clock = { now: typeof now === "number" ? now * 1000 : Date.parse(now), rate: rate ?? 1, at: performance.now() };
    this.tell("clock");
  },

  /** The sandbox's time as a Date. */
  now() {
    return new Date(this.clock.now + (performance.now() - this.clock.at) * this.clock.rate);
  },

  /** The reader's zone. */
  tz() {
    return this.users.get(this.me)?.tz ?? "UTC";
  },

  user(id) {
    return this.users.get(id);
  },

  channel(id) {
    return this.channels.get(id);
  },

  people() {
    return [...this.users.values()].filter((user) => !user.is_bot && !user.deleted);
  },

  /** The direct conversation with the app. */
  appChannel() {
    return [...this.channels.values()].find((channel) => channel.is_im && partner(channel) === this.app.user_id);
  },

  /** Whether the reader may do what only admins may. */
  isAdmin() {
    return Boolean(this.user(this.me)?.is_admin);
  },

  /** A channel's name as the reader knows it. */
  title(channel) {
    if (!channel) return "";
    if (channel.is_mpim) return others(channel).map((id) => this.user(id)?.real_name.split(" ")[0] ?? id).join(", ");
    if (!channel.is_im) return channel.name;
    return this.user(partner(channel))?.real_name ?? channel.name ?? "Direct message";
  },

  /** From now on keep what arrives live for this channel until its messages are there. */
  expectMessages(channel) {
    this.loading.set(channel, []);
  },

  setMessages(channel, messages) {
    const late = this.loading.get(channel) ?? [];
    this.loading.delete(channel);
    this.messages.set(channel, new Map(messages.map((message) => [message.ts, message])));
    this.tell("messages", channel);
    for (const change of late) change();
  },

  putMessage(channel, message) {
    this.loading.get(channel)?.push(() => this.putMessage(channel, message));
    const known = this.messages.get(channel);
    if (!known) return;
    known.set(message.ts, message);
    this.tell("messages", channel);
  },

  dropMessage(channel, ts) {
    this.loading.get(channel)?.push(() => this.dropMessage(channel, ts));
    this.messages.get(channel)?.delete(ts);
    this.tell("messages", channel);
  },

  /** Messages of a channel, oldest first. */
  list(channel) {
    return [...(this.messages.get(channel)?.values() ?? [])].sort((a, b) => Number(a.ts) - Number(b.ts));
  },

  replies(channel, root) {
    return this.list(channel).filter((message) => message.thread_ts === root && message.ts !== root);
  },

  markUnread(channel, mention) {
    const before = this.unread.get(channel) ?? { count: 0, mention: false };
    this.unread.set(channel, { count: before.count + 1, mention: before.mention || mention });
    this.tell("sidebar");
  },

  markRead(channel) {
    if (this.unread.delete(channel)) this.tell("sidebar");
  },
};

/** Whether it is a conversation of people instead of a channel with a name. */
export function isDirect(channel) {
  return Boolean(channel?.is_im || channel?.is_mpim);
}

/** Everybody in a conversation but the reader. */
export function others(channel) {
  return (channel.members ?? []).filter((member) => member !== store.me);
}

/** The other person of a direct conversation, even when the app was brought in. */
export function partner(channel) {
  const rest = others(channel);
  return (rest.length > 1 ? rest.find((member) => member !== store.app.user_id) : rest[0]) ?? channel.user;
}
