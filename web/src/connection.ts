/** Tells the shopper when the shop cannot be reached or is overloaded, and that the page goes on trying. */
import { h, setText } from "./dom.ts";
import { ApiProblem, type NoAnswer } from "./problem.ts";

/** One lost answer is nothing to tell about: most come back at the next try. */
const FAILURES_TOLD = 2;
/** The name under which waiting for an errand's answer is counted. */
const ERRAND = "errand";

/** What is known of the way to the shop. */
export interface Connection {
  /** Takes in the failures in a row of one loop; 0 clears it. */
  readonly failures: (loop: string, count: number, error: unknown) => void;
  /** Takes in that an errand of the shopper's is tried again in `waitMs`. */
  readonly retrying: (waitMs: number, error: ApiProblem | NoAnswer) => void;
  /** Takes in that no errand waits any longer. */
  readonly settled: () => void;
  /** Whether what is shown may be out of date because no answer comes through. */
  readonly isOffline: () => boolean;
}

interface Trouble {
  readonly isBusy: boolean;
  readonly retrySeconds: number | null;
}

/** Builds the notice inside a live region that is on the page from the start. */
export function createConnection(region: HTMLElement): Connection {
  const text = h("span");
  const bar = h("p", { class: "connection" }, text);
  const troubles = new Map<string, Trouble>();

  const isOffline = (): boolean =>
    !navigator.onLine || [...troubles.values()].some(({ isBusy }) => !isBusy);

  const show = (): void => {
    const isTold = troubles.size > 0 || !navigator.onLine;
    setText(text, isTold ? sentence([...troubles.values()], isOffline()) : "");
    if (isTold !== bar.isConnected) {
      region.replaceChildren(...(isTold ? [bar] : []));
    }
  };
  const note = (name: string, trouble: Trouble | null): void => {
    if (trouble === null) {
      troubles.delete(name);
    } else {
      troubles.set(name, trouble);
    }
    show();
  };
  addEventListener("offline", show);
  addEventListener("online", show);
  return {
    failures: (loop, count, error) =>
      note(loop, count < FAILURES_TOLD ? null : { isBusy: isBusy(error), retrySeconds: null }),
    retrying: (waitMs, error) =>
      note(ERRAND, { isBusy: isBusy(error), retrySeconds: Math.ceil(waitMs / 1_000) }),
    settled: () => troubles.has(ERRAND) && note(ERRAND, null),
    isOffline,
  };
}

function isBusy(error: unknown): boolean {
  return error instanceof ApiProblem;
}

function sentence(troubles: readonly Trouble[], isOffline: boolean): string {
  if (isOffline) {
    return "No connection to the shop. What you see is the last it said; your place is kept. Trying again…";
  }
  const seconds = troubles.find(({ retrySeconds }) => retrySeconds !== null)?.retrySeconds ?? null;
  return seconds === null
    ? "The shop is very busy. Your place is kept. Trying again…"
    : `The shop is very busy. Trying again in ${seconds} s; nothing is done twice.`;
}
