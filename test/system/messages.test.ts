import { createMessageBatch } from "cloudflare:test";
import { array, asyncProperty, assert, constantFrom, shuffledSubarray } from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { MessageRef } from "../../domain/messages/message.ts";
import { consumeDeadMessages } from "../../workers/purchase/consumers/deliver-messages.ts";
import { reviveDead, TRIES_MAX } from "../../workers/purchase/messages/due.ts";
import { Mailbox } from "../../workers/purchase/messages/mailbox.ts";
import { remindDue, startReminders } from "../../workers/purchase/messages/reminders.ts";
import type { MessageWork } from "../../workers/purchase/messages/send-due.ts";
import { sweepMessages } from "../../workers/purchase/messages/sweep.ts";
import { useTestClock } from "./support/clock.ts";
import {
  consume,
  due,
  envWithQueues,
  mailOf,
  messagesOf,
  runtime,
  shoppersOf,
  Watched,
} from "./support/messages.ts";
import { bindings, errorOf, uniqueName } from "./support/objects.ts";
import { HOUR_MS, MINUTE_MS, NOON_MS, SECOND_MS } from "./support/samples.ts";
import { createSale } from "./support/sales.ts";

const clock = useTestClock();
const { DB } = bindings;
const { env } = envWithQueues();
beforeEach(async () => {
  clock.set(NOON_MS);
  for (const name of ["warn", "error"] as const) vi.spyOn(console, name).mockReturnValue();
  await DB.exec("DELETE FROM message");
});

describe("a message that is due", () => {
  it("is in the mailbox, with the names of its sale and its item, and is marked", async () => {
    const { definition } = await createSale({ name: "Friday drop" });
    const { saleId, items } = definition;
    const told = { sale_id: saleId, sku: items[0]?.sku };
    const [ada] = await due(["ada"], told);
    if (!ada) throw new Error("One message is due.");
    clock.advance(SECOND_MS);
    expect(await consume([ada], new Mailbox(bindings))).toEqual([]);
    expect(await mailOf(ada.eventId)).toEqual([
      {
        shopper: "ada",
        kind: "reserved",
        subject: "Reserved for you: 2 × Phone 12",
        text: "You have reserved 2 × Phone 12 in “Friday drop”. Pay €998 until 2040-06-01 12:02:00Z, or it goes back to the sale.",
        atMs: NOON_MS,
      },
    ]);
    const sentAtMs = NOON_MS + SECOND_MS;
    expect(await messagesOf(ada.eventId)).toEqual([
      { shopper: "ada", state: "sent", attempts: 1, nextAtMs: sentAtMs, sentAtMs, error: null },
    ]);
  });

  it("is delivered once, whatever comes twice, late and in another order", async () => {
    const shoppers = ["ada", "bob", "cyd", "dan"];
    const copies = constantFrom(...shoppers, ...shoppers, ...shoppers);
    await assert(
      asyncProperty(
        array(array(copies, { maxLength: 8 }), { maxLength: 5 }),
        shuffledSubarray(shoppers, { minLength: 4 }),
        async (batches, last) => {
          const adapter = new Watched();
          const refs = await due(shoppers);
          const of = (names: string[]) =>
            names.flatMap((name) => refs.filter(({ shopper }) => shopper === name));
          for (const batch of [...batches, last]) await consume(of(batch), adapter);
          expect(adapter.delivered.toSorted()).toEqual(shoppers);
          expect(await mailOf(refs[0]?.eventId ?? "")).toHaveLength(shoppers.length);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("that fails comes again after 1, 2, 4 … seconds and holds up no other", async () => {
    const adapter = new Watched();
    adapter.failing = ({ shopper }) => shopper === "bob";
    const refs = await due(["ada", "bob", "cyd"]);
    const [{ eventId } = { eventId: "" }] = refs;
    expect(await consume([...refs, ...refs], adapter)).toEqual([[1 + 3, 1]]);
    expect(adapter.delivered).toEqual(["ada", "cyd"]);
    for (const delaySeconds of [2, 4, 8]) {
      expect(await consume(refs.slice(1, 2), adapter)).toEqual([[0, delaySeconds]]);
      const [, bob] = await messagesOf(eventId);
      expect(bob).toMatchObject({ state: "due", nextAtMs: NOON_MS + delaySeconds * SECOND_MS });
      expect(bob?.["error"]).toBe("E_INTERNAL_SERVER_ERROR");
    }
    adapter.failing = () => false;
    expect(await consume(refs, adapter)).toEqual([]);
    expect(adapter.delivered).toEqual(["ada", "cyd", "bob"]);
    expect((await messagesOf(eventId)).map(({ state }) => state)).toEqual(["sent", "sent", "sent"]);
  });

  it("that cannot be written is no other's trouble either", async () => {
    const adapter = new Watched();
    const [bad] = await due(["ada"], { facts: "not JSON" });
    const [odd] = await due(["bob"], { kind: "of another version" });
    const [good] = await due(["cyd"], { facts: "{}", kind: "expired", sale_id: "gone" });
    if (!bad || !odd || !good) throw new Error("Three messages are due.");
    expect(await consume([bad, odd, good], adapter)).toEqual([
      [0, 1],
      [1, 1],
    ]);
    expect(await mailOf(good.eventId)).toMatchObject([
      {
        text: "You had reserved phone in “gone”, and it was not paid in time. Nothing was charged.",
      },
    ]);
  });

  it("comes again with its whole batch while the database is away, and nothing is lost", async () => {
    const adapter = new Watched();
    const refs = await due(["ada", "bob"]);
    await DB.exec("ALTER TABLE notification RENAME TO hidden");
    try {
      expect(await errorOf(consume(refs, adapter))).toContain("notification");
    } finally {
      await DB.exec("ALTER TABLE hidden RENAME TO notification");
    }
    expect(await messagesOf(refs[0]?.eventId ?? "")).toMatchObject([
      { state: "due", attempts: 0 },
      { state: "due", attempts: 0 },
    ]);
    expect(await consume(refs, adapter)).toEqual([]);
    expect(adapter.delivered).toEqual(["ada", "bob"]);
  });

  it("is not what nobody can read", async () => {
    const work = [null, {}, { eventId: "item/x/1" }, { saleId: "x", eventId: 1 }] as never[];
    expect(await consume(work, new Watched())).toEqual([]);
  });
});

describe("a message that its queue has given up", () => {
  const bury = (refs: MessageRef[]) =>
    consumeDeadMessages(
      env,
      createMessageBatch(
        "ropeline-messages-dead",
        refs.map((body, id) => ({ id: String(id), timestamp: new Date(), attempts: 1, body })),
      ),
      runtime,
    );
  const items = (saleId: string) =>
    DB.prepare("SELECT kind, rows, detail FROM attention_item WHERE sale_id = ?")
      .bind(saleId)
      .all()
      .then(({ results }) => results);

  const openItems = (saleId: string) =>
    DB.prepare("SELECT 1 FROM attention_item WHERE sale_id = ? AND resolved_at_ms IS NULL")
      .bind(saleId)
      .all()
      .then(({ results }) => results);

  it("is dead when it failed at every try, and one item names all of its batch", async () => {
    const sale_id = uniqueName("sale");
    const failed = { sale_id, attempts: TRIES_MAX, error: "E_DAILY_LIMIT_EXCEEDED" };
    const refs = await due(["ada", "bob"], failed);
    await bury(refs);
    await bury(refs);
    const [{ eventId } = { eventId: "" }] = refs;
    expect(await messagesOf(eventId)).toMatchObject([{ state: "dead" }, { state: "dead" }]);
    const listed = await items(sale_id);
    expect(listed).toMatchObject([
      { kind: "message_dead", detail: "2 not delivered in 11 tries: E_DAILY_LIMIT_EXCEEDED" },
    ]);
    expect(JSON.parse(String(listed[0]?.["rows"]))).toEqual([
      { table: "message", key: `${eventId} ada` },
      { table: "message", key: `${eventId} bob` },
    ]);
    expect(await consume(refs, new Watched())).toEqual([]);
    expect(await mailOf(eventId)).toEqual([]);
  });

  it("is due again, with all its tries, when staff have put right what it failed at", async () => {
    const { sent, env } = envWithQueues();
    const sale_id = uniqueName("sale");
    const refs = await due(["ada", "bob"], { sale_id, attempts: TRIES_MAX, error: "E_X" });
    await bury(refs);
    const [{ eventId } = { eventId: "" }] = refs;
    const { item_id: itemId } = (await DB.prepare(
      "UPDATE attention_item SET resolved_at_ms = 1 WHERE sale_id = ? RETURNING item_id",
    )
      .bind(sale_id)
      .first<{ item_id: string }>()) ?? { item_id: "" };
    expect(await reviveDead(env, itemId, NOON_MS)).toBe(2);
    expect(await reviveDead(env, itemId, NOON_MS)).toBe(0);
    expect(sent.high).toEqual(refs);
    expect(await messagesOf(eventId)).toMatchObject([
      { state: "due", attempts: 0, error: null },
      { state: "due", attempts: 0, error: null },
    ]);
    // It fails once more: the item that was resolved is open again.
    await DB.exec(`UPDATE message SET attempts = ${TRIES_MAX}`);
    await bury(refs);
    expect(await openItems(sale_id)).toHaveLength(1);
  });

  it("stays due when the database was away rather, and when it is delivered it is", async () => {
    const sale_id = uniqueName("sale");
    const [young] = await due(["ada"], { sale_id, attempts: TRIES_MAX - 1 });
    const [sent] = await due(["bob"], { sale_id, attempts: TRIES_MAX, state: "sent" });
    if (!young || !sent) throw new Error("There are two messages.");
    await bury([young, sent]);
    expect(await messagesOf(young.eventId)).toMatchObject([{ state: "due" }]);
    expect(await messagesOf(sent.eventId)).toMatchObject([{ state: "sent" }]);
    expect(await items(sale_id)).toEqual([]);
  });
});

describe("the minute's sweep", () => {
  it("sends what is overdue to the queue of its priority, and leaves it there for two minutes", async () => {
    const { sent, env } = envWithQueues();
    const high = await due(["ada", "bob"]);
    const low = await due(["cyd"], { priority: "low" });
    await due(["dan"], { next_at_ms: NOON_MS + SECOND_MS });
    await due(["eve"], { state: "sent" });
    clock.set(NOON_MS + 30 * SECOND_MS);
    await sweepMessages(env, runtime);
    expect(sent).toEqual({ high, normal: [], low });
    clock.advance(2 * MINUTE_MS);
    await sweepMessages(env, runtime);
    // The one that was too young before.
    expect(shoppersOf(sent.high)).toEqual(["ada", "bob", "dan"]);
    clock.advance(MINUTE_MS);
    await sweepMessages(env, runtime);
    expect(shoppersOf(sent.high)).toEqual(["ada", "bob", "dan", "ada", "bob"]);
  });

  it("loses nothing to a queue that takes nothing, and takes at most 5,000 a round", async () => {
    let isDown = true;
    const { sent, env } = envWithQueues(() => isDown);
    await due(Array.from({ length: 5_200 }, (_, index) => `shopper-${index}`));
    clock.set(NOON_MS + MINUTE_MS);
    await sweepMessages(env, runtime);
    expect(sent.high).toEqual([]);
    isDown = false;
    clock.advance(3 * MINUTE_MS);
    await sweepMessages(env, runtime);
    await sweepMessages(env, runtime);
    expect(new Set(shoppersOf(sent.high)).size).toBe(5_200);
  });
});

describe("what was told", () => {
  it("is read by its shopper newest first, all of it or about one order, page by page", async () => {
    const { PURCHASE } = bindings;
    const shopper = uniqueName("reader");
    for (const [index, order] of ["a", "b", "a", "b", "a"].entries()) {
      const when = { created_at_ms: NOON_MS + Math.floor(index / 2), order_id: order };
      await consume(await due([shopper, "another"], when), new Mailbox(bindings));
    }
    const readAll = async (orderId: string | null) => {
      const read: [atMs: number, orderId: string | null][] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof PURCHASE.notificationsOf>> =
          await PURCHASE.notificationsOf(shopper, orderId, cursor, 2);
        read.push(...page.rows.map((row) => [row.atMs - NOON_MS, row.orderId] as [number, string]));
        ({ cursor } = page);
      } while (cursor !== null);
      return read;
    };
    expect(await readAll(null)).toEqual([
      [2, "a"],
      [1, "b"],
      [1, "a"],
      [0, "b"],
      [0, "a"],
    ]);
    expect(await readAll("b")).toEqual([
      [1, "b"],
      [0, "b"],
    ]);
  });

  it("is listed for staff, of which a page looks at 20,000 rows and no more", async () => {
    const { PURCHASE } = bindings;
    await due(["first", "second"], { sale_id: "old", state: "dead" });
    await due(
      Array.from({ length: 20_100 }, (_, index) => `shopper-${index}`),
      { sale_id: "new" },
    );
    await due(["last"], { sale_id: "old" });
    const old = { saleId: "old", state: null };
    const first = await PURCHASE.allMessages(old, null, 2);
    expect(first.rows.map(({ shopper }) => shopper)).toEqual(["last"]);
    const second = await PURCHASE.allMessages({ ...old, state: "dead" }, first.cursor, 1);
    expect(second.rows.map(({ shopper }) => shopper)).toEqual(["second"]);
    const third = await PURCHASE.allMessages(old, second.cursor, 2);
    expect(third.rows.map(({ shopper }) => shopper)).toEqual(["first"]);
    expect(third.cursor).toBe(null);
  });
});

describe("a reminder", () => {
  const { PURCHASE } = bindings;
  const future = { startsAtMs: NOON_MS + HOUR_MS, endsAtMs: NOON_MS + 2 * HOUR_MS };

  async function saleToCome(): Promise<string> {
    const { definition } = await createSale({ name: "Friday drop", ...future });
    return definition.saleId;
  }

  /** Runs the low queue until it is empty. */
  async function runLow(work: MessageWork[]): Promise<void> {
    while (work.length > 0) {
      const { sent, env } = envWithQueues();
      await consume(work.splice(0, 100), new Mailbox(bindings), env);
      work.push(...sent.low);
    }
  }

  it("is kept once, forgotten when it is not wanted, and taken before the start alone", async () => {
    const saleId = await saleToCome();
    expect(await PURCHASE.remind(saleId, "ada")).toEqual({ ok: true, isNew: true });
    expect(await PURCHASE.remind(saleId, "ada")).toEqual({ ok: true, isNew: false });
    await PURCHASE.forgetReminder(saleId, "ada");
    await PURCHASE.forgetReminder(saleId, "ada");
    expect(await PURCHASE.remind(saleId, "ada")).toEqual({ ok: true, isNew: true });
    expect(await PURCHASE.remind("no-such-sale", "ada")).toMatchObject({ code: "not_found" });
    const draft = await createSale({ draft: true, ...future });
    const drafted = await PURCHASE.remind(draft.definition.saleId, "ada");
    expect(drafted).toMatchObject({ code: "not_found" });
    clock.set(future.startsAtMs);
    expect(await PURCHASE.remind(saleId, "bob")).toMatchObject({ code: "order_state_conflict" });
    clock.set(future.endsAtMs);
    expect(await PURCHASE.remind(saleId, "bob")).toMatchObject({ code: "sale_ended" });
  });

  it("is refused when there are a million, and one less makes room", async () => {
    const saleId = await saleToCome();
    await PURCHASE.remind(saleId, "ada");
    await DB.prepare("UPDATE reminder_count SET reminders = 1000000 WHERE sale_id = ?")
      .bind(saleId)
      .run();
    expect(await PURCHASE.remind(saleId, "bob")).toMatchObject({
      code: "limit_reached",
      limit: 1_000_000,
    });
    expect(await PURCHASE.remind(saleId, "ada")).toEqual({ ok: true, isNew: false });
    await PURCHASE.forgetReminder(saleId, "ada");
    expect(await PURCHASE.remind(saleId, "bob")).toEqual({ ok: true, isNew: true });
  });

  it("tells each once that the sale has started, in steps, however often it is begun", async () => {
    const saleId = await saleToCome();
    const shoppers = Array.from({ length: 2_300 }, (_, index) => `shopper-${index}`);
    await DB.prepare(
      "INSERT INTO reminder (sale_id, shopper, created_at_ms) SELECT ?, value, 0 FROM json_each(?)",
    )
      .bind(saleId, JSON.stringify(shoppers))
      .run();
    const { sent, env } = envWithQueues();
    await remindDue(env);
    expect(sent.low).toEqual([]);
    clock.set(future.startsAtMs);
    const entry = { sequence: 4, atMs: future.startsAtMs, type: "started" };
    const page = {
      chain: `sale/${saleId}`,
      fromSequence: 3,
      entries: [null, entry],
      hashes: ["", ""],
    };
    const message = { id: "1", timestamp: new Date(), attempts: 1, body: page };
    const pages = createMessageBatch("ropeline-ledger", [message]);
    await startReminders(env, pages);
    await DB.prepare(
      "INSERT INTO audit_entry (chain, sequence, at_ms, type, actor, body, hash) VALUES (?, 4, ?, 'started', '', '', '')",
    )
      .bind(page.chain, entry.atMs)
      .run();
    await remindDue(env);
    const eventId = `${page.chain}/4`;
    const step = { saleId, eventId, atMs: future.startsAtMs };
    expect(sent.low).toEqual([step, step]);
    await runLow(sent.low);
    const mail = await mailOf(eventId);
    expect(new Set(mail.map(({ shopper }) => shopper)).size).toBe(2_300);
    expect(mail).toHaveLength(2_300);
    expect(mail[0]).toMatchObject({ kind: "sale_started", subject: "It has started: Friday drop" });
    // All are told: the next round has nothing to do, and nobody is added.
    await remindDue(env);
    expect(sent.low).toEqual([]);
    clock.set(NOON_MS);
    expect(await PURCHASE.remind(saleId, "late")).toMatchObject({ code: "order_state_conflict" });
  });
});
