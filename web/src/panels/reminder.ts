/** On the countdown: a message when the sale starts, for who asks. */
import { forgetReminder, remind } from "../api.ts";
import type { Sale } from "../contract.ts";
import { h, setShown, setText } from "../dom.ts";
import { ORDERS_LINK } from "../links.ts";
import { readableProblem } from "../problem.ts";
import { asGuest, hasGuestUntil, saleSession } from "../session.ts";
import { bell } from "./in-line.ts";

/** The part of a panel. */
export interface ReminderRow {
  readonly root: HTMLElement;
  /** Shows it where it is of use: the mailbox has to last until the start. */
  readonly update: (isOfUse: boolean, startsAtMs: number) => void;
}

/** Builds the button and what it says; the shop is asked once a press. */
export function reminderRow({ saleId }: Sale): ReminderRow {
  const session = saleSession(saleId);
  let isBusy = false;
  const state = h("span", { class: "sound-state" });
  const button = h(
    "button",
    {
      class: "button button-quiet sound",
      type: "button",
      "data-testid": "remind",
      click: () => void toggle(),
    },
    bell(),
    h("span", {}, "Remind me when it starts"),
    state,
  );
  const where = h(
    "span",
    {},
    "The message will be with ",
    h("a", { href: ORDERS_LINK }, "your orders"),
    ", in this browser.",
  );
  const problem = h("span");
  const hint = h("p", { class: "fine", role: "status" }, where, problem);
  const root = h("div", { class: "in-line" }, h("div", { class: "actions" }, button), hint);

  const draw = (): void => {
    const isOn = session.isReminded();
    button.setAttribute("aria-pressed", String(isOn));
    button.setAttribute("aria-disabled", String(isBusy));
    button.classList.toggle("is-busy", isBusy);
    setText(state, isOn ? "On" : "Off");
    setShown(where, isOn && problem.textContent === "");
    setShown(hint, isOn || problem.textContent !== "");
  };

  const toggle = async (): Promise<void> => {
    if (isBusy) {
      return;
    }
    const isWanted = !session.isReminded();
    isBusy = true;
    setText(problem, "");
    draw();
    try {
      await asGuest((bearer) => (isWanted ? remind : forgetReminder)(saleId, bearer));
      session.setReminded(isWanted);
    } catch (error) {
      setText(problem, readableProblem(error));
    } finally {
      isBusy = false;
      draw();
    }
  };

  return {
    root,
    update(isOfUse, startsAtMs) {
      setShown(root, isOfUse && hasGuestUntil(startsAtMs));
      draw();
    },
  };
}
