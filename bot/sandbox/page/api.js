/* The sandbox's control API: requests that always answer, and the live socket that comes back by itself. */

const OFFLINE = { ok: false, error: "offline", detail: "The sandbox does not answer. Is it still running?" };

async function request(path, options) {
  try {
    const response = await fetch(path, options);
    const body = await response.json();
    return response.ok ? body : { error: `http_${response.status}`, ...body, ok: false };
  } catch {
    return OFFLINE;
  }
}

/** GET a control resource with query parameters. */
export function get(name, query = {}) {
  return request(`/_sandbox/${name}?${new URLSearchParams(query)}`);
}

/** POST JSON to a control resource. */
export function post(name, body) {
  return request(`/_sandbox/${name}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** Upload one file; answers `{ok, file}`. */
export function upload(file, fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value) form.append(name, value);
  form.append("file", file, file.name);
  return request("/_sandbox/upload", { method: "POST", body: form });
}

/** Where the page finds the bytes of a Slack file. */
export function fileUrl(file) {
  return `/files/${encodeURIComponent(file.id)}/${encodeURIComponent(file.name ?? "file")}?page=1`;
}

/** What went wrong, in words. */
export function problem(answer) {
  return answer.detail ?? answer.words ?? answer.error ?? "Something went wrong.";
}

const FIRST_WAIT = 400;
const LONGEST_WAIT = 5000;

/** A live socket for one person; `close()` ends it for good. */
export class Live {
  constructor(user, onEvent, onState) {
    this.user = user;
    this.onEvent = onEvent;
    this.onState = onState;
    this.wait = FIRST_WAIT;
    this.opened = new Promise((resolve) => {
      this.resolveOpened = resolve;
    });
    this.connect();
  }

  connect() {
    const address = new URL(`/_sandbox/live?user=${encodeURIComponent(this.user)}`, location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(address);
    this.socket.onopen = () => {
      this.wait = FIRST_WAIT;
      this.resolveOpened();
      this.onState("online");
    };
    this.socket.onmessage = (message) => this.onEvent(JSON.parse(message.data));
    this.socket.onclose = () => {
      if (this.closed) return;
      this.onState("connecting");
      this.timer = setTimeout(() => this.connect(), this.wait);
      this.wait = Math.min(this.wait * 1.7, LONGEST_WAIT);
    };
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket.close();
  }
}
