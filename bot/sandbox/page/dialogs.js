/* Small dialogs: Slack's confirmation objects and the enlarged picture. */
import { h, freshId } from "./dom.js";
import { textNodes } from "./mrkdwn.js";

/** Show a `confirm` object; resolves true when the person agrees, at once when there is none. */
export function confirmed(confirm) {
  if (!confirm) return Promise.resolve(true);
  return new Promise((resolve) => {
    const title = freshId("confirm");
    const finish = (answer) => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const agree = h("button", { class: confirm.style === "danger" ? "danger filled" : "primary", type: "button", onclick: () => finish(true) },
      textNodes(confirm.confirm ?? { type: "plain_text", text: "Yes" }));
    const dialog = h("dialog", { role: "dialog", class: "confirm", "aria-labelledby": title },
      h("h2", { id: title }, textNodes(confirm.title ?? { type: "plain_text", text: "Are you sure?" })),
      h("div", { class: "dialog-body" }, textNodes(confirm.text)),
      h("div", { class: "dialog-foot" },
        h("button", { type: "button", onclick: () => finish(false) }, textNodes(confirm.deny ?? { type: "plain_text", text: "Cancel" })),
        agree));
    dialog.addEventListener("cancel", () => finish(false));
    document.body.append(dialog);
    dialog.showModal();
    agree.focus();
  });
}

/** A picture as large as the window. */
export function enlarge(src, alt) {
  const close = () => dialog.close();
  const dialog = h("dialog", { role: "dialog", class: "lightbox", "aria-label": alt || "Picture", onclick: close },
    h("img", { src, alt }),
    h("div", { class: "lightbox-foot" }, h("span", {}, alt), h("button", { type: "button", onclick: close }, "Done")));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
