import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { intakeDelayMs, intakeName } from "../domain/purchase/intake.ts";
import type { ReserveCommand } from "../domain/purchase/stock.ts";
import { useTestClock } from "../test/system/support/clock.ts";
import { readLedger } from "../test/system/support/ledger-check.ts";
import { ManualRuntime } from "../test/system/support/manual-runtime.ts";
import { bindings, createItem, errorOf, levelOf } from "../test/system/support/objects.ts";
import { reservation } from "../test/system/support/samples.ts";
import { SkuIntake, type IntakeEnv } from "./sku-intake.ts";
import type { Sku } from "./sku.ts";

useTestClock();

const INTAKES = 4;
const CROWD = Array.from({ length: 200 }, (_, index) => reservation(`shopper-${index}`));

function intakeAt(sku: DurableObjectStub<Sku>, intake = 0): DurableObjectStub<SkuIntake> {
  return bindings.SKU_INTAKE.getByName(intakeName(sku.name ?? "", intake));
}

describe("a crowd at the intakes of one item", () => {
  it("gets 50 of 50 units, each the own answer, by far fewer calls than there are shoppers", async () => {
    const sku = await createItem({ stock: 50 });
    const answers = await Promise.all(
      CROWD.map((command, index) => intakeAt(sku, index % INTAKES).reserve(command, INTAKES)),
    );
    const sold = answers.flatMap((answer, index) => (answer.ok ? [{ answer, index }] : []));
    expect(sold).toHaveLength(50);
    for (const { answer, index } of sold) expect(answer.orderId).toBe(CROWD[index]?.orderId);
    expect(answers.find((answer) => !answer.ok)).toMatchObject({ code: "sold_out" });
    expect(await levelOf(sku)).toEqual({ stock: 50, available: 0, held: 50, sold: 0 });
    expect((await readLedger(sku)).brokenAt).toBeNull();
    const seen = await Promise.all(
      Array.from({ length: INTAKES }, (_, intake) => intakeAt(sku, intake).stats()),
    );
    expect(seen.map((calls) => calls["shopper.reserve"])).toEqual([50, 50, 50, 50]);
    const batches = seen.reduce((sum, calls) => sum + (calls["intake.batch"] ?? 0), 0);
    expect(batches).toBeLessThan(CROWD.length / 2);
    expect((await sku.stats())?.calls["intake.batch"]).toBe(batches);
  });

  it("who come to one intake at the same time are one call and one commit", async () => {
    const sku = await createItem({ stock: 200 });
    await runInDurableObject(intakeAt(sku), (intake) =>
      Promise.all(CROWD.map((command) => intake.reserve(command, INTAKES))),
    );
    expect(await intakeAt(sku).stats()).toEqual({ "shopper.reserve": 200, "intake.batch": 1 });
    expect(await sku.stats()).toMatchObject({
      calls: { "intake.batch": 1 },
      commits: 2,
      commands: 201,
    });
  });
});

describe("a repeat", () => {
  it("gets the first answer, at whichever intake, by an intake that remembers nothing, and at the item", async () => {
    const sku = await createItem({ stock: 5 });
    const command = reservation("ada");
    const first = await intakeAt(sku, 0).reserve(command, INTAKES);
    const again = { ...command, orderId: "another" };
    expect(first).toMatchObject({ ok: true, orderId: command.orderId });
    await evictDurableObject(intakeAt(sku, 0));
    expect(await intakeAt(sku, 0).reserve(again, INTAKES)).toEqual(first);
    expect(await intakeAt(sku, 3).reserve(again, INTAKES)).toEqual(first);
    expect(await sku.reserve(again)).toEqual(first);
    expect(await levelOf(sku)).toMatchObject({ held: 1 });
  });

  it("within one batch is one hold", async () => {
    const sku = await createItem({ stock: 5 });
    const command = reservation("ada");
    const [one, other] = await runInDurableObject(intakeAt(sku), (intake) =>
      Promise.all([
        intake.reserve(command, 1),
        intake.reserve({ ...command, orderId: "other" }, 1),
      ]),
    );
    expect(other).toEqual(one);
    expect(await levelOf(sku)).toMatchObject({ held: 1 });
  });
});

describe("a purchase that throws", () => {
  it("fails alone, as it does without an intake", async () => {
    const sku = await createItem({ stock: 5, perShopper: 5 });
    const half = reservation("bob", { quantity: 1.5 });
    const [ada, bob, cyd] = await runInDurableObject(intakeAt(sku), (intake) =>
      Promise.allSettled([
        intake.reserve(reservation("ada"), 1),
        intake.reserve(half, 1),
        intake.reserve(reservation("cyd"), 1),
      ]),
    );
    expect(ada).toMatchObject({ status: "fulfilled", value: { ok: true } });
    expect(cyd).toMatchObject({ status: "fulfilled", value: { ok: true } });
    const direct = await runInDurableObject(sku, (item) => errorOf(item.reserve(half)));
    expect(bob.status === "rejected" && String(bob.reason)).toBe(direct);
    expect(await levelOf(sku)).toMatchObject({ held: 2 });
  });
});

type Apply = (commands: ReserveCommand[]) => Promise<unknown[]>;

/** Works with an intake whose item does as a test says, on a clock that the test moves. */
async function withItem(
  apply: Apply,
  work: (intake: SkuIntake, runtime: ManualRuntime, batches: ReserveCommand[][]) => Promise<void>,
): Promise<void> {
  const sku = await createItem();
  await runInDurableObject(intakeAt(sku), async (_, state) => {
    const batches: ReserveCommand[][] = [];
    const reserveMany: Apply = (commands) => {
      batches.push(commands);
      return apply(commands);
    };
    const env = { SKU: { getByName: () => ({ reserveMany }) } } as unknown as IntakeEnv;
    const runtime = new ManualRuntime();
    await work(new SkuIntake(state, env, runtime), runtime, batches);
  });
}

function allReserved(commands: ReserveCommand[]): Promise<unknown[]> {
  return Promise.resolve(
    commands.map(({ orderId }) => ({ ok: true, value: { ok: true, orderId } })),
  );
}

describe("what becomes of the call", () => {
  it("becomes of everybody in it, with the runtime's flags; the next call goes through", async () => {
    const lost = Object.assign(new Error("Durable Object reset."), { durableObjectReset: true });
    let isLost = true;
    const apply: Apply = (commands) => (isLost ? Promise.reject(lost) : allReserved(commands));
    await withItem(apply, async (intake, runtime) => {
      const answers = Promise.allSettled([
        intake.reserve(reservation("ada"), 1),
        intake.reserve(reservation("bob"), 1),
      ]);
      await runtime.advance(intakeDelayMs(1));
      expect(await answers).toEqual([
        { status: "rejected", reason: lost },
        { status: "rejected", reason: lost },
      ]);
      isLost = false;
      const again = intake.reserve(reservation("ada"), 1);
      await runtime.advance(intakeDelayMs(1));
      expect(await again).toMatchObject({ ok: true });
    });
  });

  it("is waited for by at most 5,000; more are told to come back, by four calls of at most 500", async () => {
    const under: (() => void)[] = [];
    const apply: Apply = async (commands) => {
      await new Promise<void>((resolve) => under.push(resolve));
      return allReserved(commands);
    };
    await withItem(apply, async (intake, runtime, batches) => {
      const answers = Array.from({ length: 5_001 }, () => intake.reserve(reservation("ada"), 1));
      expect(await answers.at(-1)).toEqual({ ok: false, code: "busy", retryAfterSeconds: 1 });
      await runtime.advance(intakeDelayMs(1));
      expect(batches.map(({ length }) => length)).toEqual([500, 500, 500, 500]);
      for (let answered = 0; answered < 10; answered++) {
        under[answered]?.();
        await runtime.advance(1);
      }
      expect(batches).toHaveLength(10);
      expect(await Promise.all(answers.slice(0, -1))).toHaveLength(5_000);
    });
  });

  it("waits for company, longer where an item has many intakes", async () => {
    await withItem(allReserved, async (intake, runtime, batches) => {
      void intake.reserve(reservation("ada"), 64);
      await runtime.advance(intakeDelayMs(64) - 1);
      expect(batches).toEqual([]);
      await runtime.advance(1);
      expect(batches).toHaveLength(1);
    });
  });
});
