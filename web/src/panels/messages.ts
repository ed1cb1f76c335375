/** The shop's messages to this shopper, asked for when they are opened and not before. */
import type { Notification } from "../contract.ts";
import { h } from "../dom.ts";
import { formatMoment } from "../format.ts";
import { messageWords } from "../message-text.ts";
import { readableProblem } from "../problem.ts";

/** Builds the closed list; every time that it is opened, `load` is asked for what is in it. */
export function messageList(load: () => Promise<readonly Notification[]>): HTMLElement {
  const content = h("div", { "aria-live": "polite" });
  const root = h(
    "details",
    { class: "messages", "data-testid": "messages" },
    h("summary", {}, "Messages"),
    content,
  );
  const fill = async (): Promise<void> => {
    try {
      const messages = await load();
      content.replaceChildren(
        messages.length === 0
          ? h("p", { class: "fine" }, "None yet. They come some seconds after what they tell of.")
          : h("ul", {}, ...messages.map(messageRow)),
      );
    } catch (error) {
      content.replaceChildren(h("p", { class: "fine" }, readableProblem(error)));
    }
  };
  root.addEventListener("toggle", () => {
    if (root.open) {
      void fill();
    }
  });
  return root;
}

function messageRow({ subject, text, at }: Notification): HTMLElement {
  return h(
    "li",
    {},
    h("span", { class: "message-subject" }, subject),
    h("time", { class: "message-when", datetime: at }, formatMoment(at)),
    h("p", {}, messageWords(text)),
  );
}
