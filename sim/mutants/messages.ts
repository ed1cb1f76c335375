import type { Mutant } from "./mutant.ts";

/** What has to reach shoppers once, and nothing else. */
export const MESSAGES_MUTANTS: readonly Mutant[] = [
  {
    name: "a message is named by its order",
    breaks: "there is a message for every fact and shopper",
    patches: [
      {
        file: "workers/purchase/messages/outbox.ts",
        find: "eventId: eventId(itemChain(sku), sequence), shopper,",
        replace: "eventId: eventId(itemChain(orderId), sequence - sequence), shopper,",
      },
    ],
    invariants: ["attention.true", "books.agree", "message.due"],
    seedsMax: 20,
  },
  {
    name: "a message that is written as sent is left to nobody",
    breaks: "what counts as sent has arrived",
    patches: [
      {
        file: "workers/purchase/consumers/projection.ts",
        find: "? [writeSent(db, told.sent), this.#mail.delivery(db, told.mail)]",
        replace: "? [writeSent(db, told.sent)]",
      },
    ],
    invariants: ["attention.true", "books.agree", "message.delivered"],
    seedsMax: 20,
  },
  {
    name: "a message is marked as sent before it is delivered",
    breaks: "what counts as sent has arrived",
    patches: [
      {
        file: "workers/purchase/consumers/deliver-messages.ts",
        find: "  const deliveries = await deliver(adapter, rows);\n  const nowMs = runtime.now();\n",
        replace: `  const nowMs = runtime.now();
  const sent = rows.map((row) => outcomeOf(row, { kind: "delivered" }, nowMs));
  await markTried(env, sent);
  const deliveries = await deliver(adapter, rows);
`,
      },
    ],
    invariants: ["attention.true", "books.agree", "message.delivered"],
    seedsMax: 200,
  },
  {
    name: "a message that was refused counts as sent",
    breaks: "what counts as sent has arrived",
    patches: [
      {
        file: "workers/purchase/consumers/deliver-messages.ts",
        find: 'if (delivery?.kind === "delivered") {',
        replace: "if (delivery) {",
      },
      {
        file: "workers/purchase/consumers/deliver-messages.ts",
        find: "const { note = null } = delivery;",
        replace: "const note = null;",
      },
    ],
    invariants: ["attention.true", "books.agree", "message.delivered"],
    seedsMax: 200,
  },
  {
    name: "nobody sweeps up messages that were lost",
    breaks: "a message that is due is delivered, whatever its queue loses",
    patches: [
      {
        file: "workers/purchase/cron.ts",
        find: '  { name: "messages.sweep", run: sweepMessages },\n',
        replace: "",
      },
    ],
    invariants: ["settles", "books.agree"],
    seedsMax: 100,
  },
  {
    name: "reminders are written by their queue alone",
    breaks: "who asked to be reminded is told, whatever a queue loses",
    patches: [
      {
        file: "workers/purchase/cron.ts",
        find: '  { name: "messages.remind", run: remindDue },\n',
        replace: "",
      },
    ],
    invariants: ["settles", "message.due"],
    seedsMax: 1_000,
  },
];
