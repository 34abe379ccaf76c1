/* Where blocks live (a message, a modal, the Home tab): what their elements need to answer the app. */
import { post, problem } from "./api.js";
import { confirmed } from "./dialogs.js";
import { answerKey, Form } from "./forms.js";
import { store } from "./store.js";
import { toast } from "./toasts.js";

/** One place that shows blocks; `container` is as the control API wants it, `here` the channel it stands in. */
export class Surface {
  constructor(container, { form = new Form(), here = null, errors = {} } = {}) {
    Object.assign(this, { container, form, here, errors });
  }

  /** Send a block action after its confirmation; false when the person did not agree. */
  async fire(block, element, answer) {
    if (!(await confirmed(element.confirm))) return false;
    await this.send(block, element, answer);
    return true;
  }

  /** Send a block action at once. */
  async send(block, element, answer) {
    const action = { type: element.type, block_id: block.block_id, action_id: element.action_id, ...answer };
    const result = await post("action", { user: store.me, container: this.container, action, state: this.form.state() });
    if (!result.ok) complain(result);
  }

  /** Keep an answer, and send it where the block says so; false when the person took it back at the confirmation. */
  async answer(block, element, value, fires = true) {
    const before = this.form.get(block, element);
    this.form.set(block, element, value);
    if (block.type === "input" && !(block.dispatch_action && fires)) return true;
    if (!fires) return true;
    const agreed = await this.fire(block, element, { [answerKey(element.type)]: value });
    if (!agreed) this.form.set(block, element, before);
    return agreed;
  }

  /** The options an app offers for what was typed. */
  async options(block, element, value) {
    const result = await post("options", {
      user: store.me, container: this.container, block_id: block.block_id, action_id: element.action_id, value,
    });
    if (result.ok === false) complain(result);
    return result;
  }
}

const SAID_LIVE = ["operation_timeout", "dispatch_failed", "http_service_error", "http_client_error"];

/** Say what failed; that the app did not answer is said by the live socket. */
export function complain(result) {
  if (!SAID_LIVE.includes(result.error)) toast(problem(result), "error");
}
