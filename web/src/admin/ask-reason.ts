/** Asks for a reason before something is done to an order, and stays until it is done. */
import { h } from "../dom.ts";
import { inputField, textOf, workForm } from "./form.ts";
import { actionProblem } from "./payment-text.ts";

/** As long as the shop takes. */
const REASON_MAX_CHARACTERS = 200;

/** What is asked, and what is done with the answer. */
export interface ReasonQuestion<Answer> {
  readonly title: string;
  readonly text: string;
  /** What the reason is called: `Reason`, or `How it was put right`. */
  readonly label: string;
  readonly yes: string;
  readonly work: (reason: string) => Promise<Answer>;
}

/** Shows the question in a dialog; what fails is told there, and may be tried again. What `work` gave; null when it was cancelled. */
export function askForReason<Answer>({
  title,
  text,
  label,
  yes,
  work,
}: ReasonQuestion<Answer>): Promise<Answer | null> {
  let answer: Answer | null = null;
  const run = async (data: FormData): Promise<string> => {
    const reason = textOf(data, "reason");
    if (reason === "") {
      throw new Error("Write a few words: they are kept with the order.");
    }
    try {
      answer = await work(reason);
    } catch (error) {
      throw new Error(actionProblem(error), { cause: error });
    }
    dialog.close();
    return "";
  };
  const form = workForm(
    yes,
    run,
    inputField(label, "reason", {
      required: true,
      maxlength: REASON_MAX_CHARACTERS,
      autocomplete: "off",
      autofocus: true,
    }),
  );
  const cancel = h(
    "button",
    { class: "button button-quiet", type: "button", click: () => dialog.close() },
    "Cancel",
  );
  form.querySelector(".actions")?.prepend(cancel);
  const dialog = h(
    "dialog",
    {
      class: "dialog admin-dialog",
      "aria-labelledby": "reason-title",
      "aria-describedby": "reason-text",
    },
    h("h2", { id: "reason-title" }, title),
    h("p", { id: "reason-text" }, text),
    form,
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
    });
  });
}
