import { copied } from "../platform/copy.ts";

/*
 * In what the version before differs from this one: fields that came later, in whatever nodes send to each other. A
 * path names where a field is: `*` stands for each entry of a list, a number for an argument by its place. What is
 * here may be missing by the contract, where the type says so ("an older version leaves it out").
 */

/** Fields of arguments that came later, by class and method. */
export const LATER_ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  "lane.claim": ["2"],
  "lane.join": ["5"],
  "sequencer.report": ["0.batchAgeMs", "0.list"],
  "sequencer.submit": ["0.joins.*.binding"],
  "sku.acked": ["2"],
  "sku.restock": ["3"],
};

/** Fields of answers that came later. */
export const LATER_ANSWERS: Readonly<Record<string, readonly string[]>> = {
  "audit.chain": ["mirroredThrough"],
  "lane.join": ["receipt"],
  "lane.joinMany": ["*.value.receipt"],
  "sequencer.board": ["levels.*.offered", "levels.*.waiting"],
  "sequencer.chain": ["mirroredThrough"],
  "sequencer.next": ["levels.*.offered", "levels.*.waiting"],
  "sequencer.submit": ["checkpoint", "numbers.*.logged"],
  "sku.chain": ["mirroredThrough"],
  "sku.paymentResult": ["isOver"],
};

/** Fields of messages that came later, by queue. */
export const LATER_IN_MESSAGES: Readonly<Record<string, readonly string[]>> = {
  LEDGER_QUEUE: ["hashes"],
  PAYMENT_QUEUE: ["asked"],
};

/** What the version before still sends, and nobody knows any more. */
const RETIRED = { retired: "since the version after it" };

/** Answers that are compared as a whole; the gateway makes views of them, in which there is nothing unknown. */
const TOLD_AS_THEY_ARE: ReadonlySet<string> = new Set(["intake.reserve", "sku.reserve"]);

/** Arguments as the version before sends them. */
export function argumentsBefore(method: string, args: readonly unknown[]): unknown[] {
  const left = without(args, LATER_ARGUMENTS[method] ?? []) as unknown[];
  return left.map(withRetired);
}

/** An answer as the version before gives it. */
export function answerBefore(method: string, answer: unknown): unknown {
  const left = without(answer, LATER_ANSWERS[method] ?? []);
  return TOLD_AS_THEY_ARE.has(method) ? left : withRetired(left);
}

/** A message as the version before sends it; pages of chains that are no item's had their hashes from the beginning. */
export function messageBefore(queue: string, body: unknown): unknown {
  const isTrail = isRecord(body) && "chain" in body;
  return withRetired(isTrail ? body : without(body, LATER_IN_MESSAGES[queue] ?? []));
}

function without(value: unknown, paths: readonly string[]): unknown {
  if (paths.length === 0) return value;
  const left = copied(value);
  for (const path of paths) remove(left, path.split("."));
  return left;
}

function remove(value: unknown, [name = "", ...rest]: readonly string[]): void {
  if (Array.isArray(value)) {
    if (name === "*") for (const item of value) remove(item, rest);
    else if (rest.length > 0) remove(value[Number(name)], rest);
    // Arguments that came later are the last ones.
    else if (value.length > Number(name)) value.length = Number(name);
  } else if (isRecord(value)) {
    if (rest.length > 0) remove(value[name], rest);
    else delete value[name];
  }
}

function withRetired(value: unknown): unknown {
  return isRecord(value) ? { ...value, ...RETIRED } : value;
}

/** Whether it has fields: what is in bytes has none. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === "[object Object]";
}
