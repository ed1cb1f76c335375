import { refused } from "../problems.ts";
import { endpoint } from "../endpoint.ts";
import { Health, Ready } from "../schemas/operations.ts";

/** When to ask again whether everything answers. */
const READY_RETRY_SECONDS = 1;

/** The Worker runs. */
export const health = endpoint(
  { tag: "Operations", summary: "The gateway runs", statuses: [200], answer: Health },
  async () => ({ status: "ok" as const }),
);

/** Every Worker behind the gateway answers, and so does what they are bound to. */
export const ready = endpoint(
  {
    tag: "Operations",
    summary: "Everything that the gateway needs answers",
    statuses: [200],
    answer: Ready,
    problems: ["busy"],
  },
  async (c) => {
    const { WAITING_ROOM, PURCHASE, BOOKS } = c.env;
    const answers = await Promise.allSettled([
      WAITING_ROOM.ready(),
      PURCHASE.ready(),
      BOOKS.ready(),
    ]);
    const silent = ["waiting-room", "purchase", "books"].filter((_name, index) => {
      const answer = answers[index];
      return answer?.status !== "fulfilled" || !answer.value;
    });
    if (silent.length === 0) return { status: "ready" as const };
    throw refused("busy", {
      detail: `Not ready: ${silent.join(", ")}.`,
      retryAfterSeconds: READY_RETRY_SECONDS,
    });
  },
);
