import { endpoint } from "../endpoint.ts";
import { callObject } from "../object-calls.ts";
import { staffActor } from "../origin.ts";
import { accepted } from "../problems.ts";
import { RebuildBody, RebuildStep } from "../schemas/rebuild.ts";

/** The restore drill, a step at a time. */
export const rebuildStep = endpoint(
  {
    tag: "Admin",
    summary:
      "Make the projection anew from the chains and compare it with the one in use, a step at a time",
    body: RebuildBody,
    statuses: [200],
    answer: RebuildStep,
    problems: ["rebuild_overtaken", "busy"],
  },
  async (c, { body: { cursor = null, restore } }) => {
    const by = staffActor(c, null);
    const { step } = accepted(await callObject(() => c.env.BOOKS.rebuild(cursor, restore, by)));
    const { cursor: next, ...done } = step;
    return next === null ? done : { ...done, cursor: next };
  },
);
