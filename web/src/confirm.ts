/** Asks before something that cannot be taken back. */
import { h } from "./dom.ts";

/** What is asked; both answers are named by what they do. */
export interface Question {
  readonly title: string;
  readonly text: string;
  readonly yes: string;
  readonly no: string;
  /** The test hook of the button that goes ahead. */
  readonly testId: string;
}

/** Shows a question in a dialog; true when the shopper goes ahead. Escape means no. */
export function askToConfirm({ title, text, yes, no, testId }: Question): Promise<boolean> {
  const goAhead = h(
    "button",
    { class: "button button-danger", value: "yes", "data-testid": testId },
    yes,
  );
  const stay = h("button", { class: "button button-quiet", value: "no", autofocus: true }, no);
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": "dialog-title" },
    h(
      "form",
      { method: "dialog" },
      h("h2", { id: "dialog-title" }, title),
      h("p", {}, text),
      h("div", { class: "actions" }, stay, goAhead),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
