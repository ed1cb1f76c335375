import { describe, expect, it, vi } from "vitest";
import type { ProblemCode } from "../../domain/problem.ts";
import { changeSale, commandSale } from "../../workers/purchase/sales.ts";
import { useTestClock } from "./support/clock.ts";
import { TestLine } from "./support/lines.ts";
import { bindings, createItem, levelOf, uniqueName } from "./support/objects.ts";
import { createProduct, createSale, newSale } from "./support/sales.ts";
import { HOUR_MS, NOON_MS, queueSettings, reservation } from "./support/samples.ts";

const clock = useTestClock();
const { DB, PURCHASE, QUEUE_SEQUENCER, SKU } = bindings;

/** The paths and messages of a refusal. */
function errorsOf(refusal: object): [string, string][] {
  const { errors = [] } = refusal as { errors?: { path: string; message: string }[] };
  return errors.map(({ path, message }) => [path, message]);
}

/** The bindings, with `before` run before every call to an item. */
function envBehind(before: () => void): PurchaseEnv {
  const getByName = (name: string) => {
    before();
    return SKU.getByName(name);
  };
  return { ...bindings, SKU: { getByName } } as unknown as PurchaseEnv;
}

describe("creating a sale", () => {
  it("creates its line and its items, completes them from their products, and lists it", async () => {
    const sale = await newSale();
    const created = await PURCHASE.createSale(sale);
    const [item] = sale.items;
    if (!item) throw new Error("A sale has an item.");
    expect(created).toEqual({
      ok: true,
      sale: {
        definition: {
          saleId: sale.saleId,
          name: "Half-price phones",
          allowGuests: true,
          perShopper: 2,
          holdSeconds: 120,
          queue: queueSettings(),
          items: [
            {
              ...item,
              name: "Phone 12",
              regularPrice: { amount: 79_900, currency: "EUR" },
            },
          ],
        },
        control: { mode: "open", startsAtMs: sale.startsAtMs, endsAtMs: sale.endsAtMs, version: 1 },
      },
    });
    const board = await bindings.WAITING_ROOM.board(sale.saleId);
    expect(board).toMatchObject({
      state: "active",
      levels: [{ sku: item.sku, stock: 10, available: 10, held: 0, sold: 0 }],
    });
    expect(await SKU.getByName(item.sku).reserve(reservation("ada"))).toMatchObject({
      ok: true,
      amount: 49_900,
    });
    const found = await PURCHASE.sale(sale.saleId);
    expect(found?.definition.saleId).toBe(sale.saleId);
  });

  it("as a draft opens nothing yet", async () => {
    const { definition, control } = await createSale({ draft: true });
    expect(control.mode).toBe("draft");
    const [item] = definition.items;
    expect(await SKU.getByName(item?.sku ?? "").reserve(reservation("ada"))).toMatchObject({
      code: "sale_not_started",
    });
  });

  it("again returns the first one, whatever the repeat says", async () => {
    const sale = await newSale();
    const first = await PURCHASE.createSale(sale);
    const repeat = await PURCHASE.createSale({ ...sale, name: "Another", perShopper: 9 });
    expect(repeat).toEqual(first);
    const { calls } = (await QUEUE_SEQUENCER.getByName(sale.saleId).stats()) ?? {};
    expect(calls?.["system.create"]).toBe(1);
    const [item] = sale.items;
    expect(await levelOf(SKU.getByName(item?.sku ?? ""))).toMatchObject({ stock: 10 });
  });

  it("at the same time twice creates one", async () => {
    const sale = await newSale();
    const [first, second] = await Promise.all([
      PURCHASE.createSale(sale),
      PURCHASE.createSale(sale),
    ]);
    expect(first).toEqual(second);
    expect(
      (await PURCHASE.sales()).filter((s) => s.definition.saleId === sale.saleId),
    ).toHaveLength(1);
  });

  it("that broke off is finished by the next call, and nobody sees it before", async () => {
    const sku = uniqueName("taken-sku");
    const other = await createItem({ sku, saleId: "someone-else" });
    const sale = await newSale();
    const [item] = sale.items;
    if (!item) throw new Error("A sale has an item.");
    const broken = { ...sale, items: [item, { ...item, sku }] };
    expect(await PURCHASE.createSale(broken)).toMatchObject({ code: "validation_failed" });
    expect(await PURCHASE.sale(sale.saleId)).toBeNull();
    expect((await PURCHASE.sales()).map((s) => s.definition.saleId)).not.toContain(sale.saleId);
    expect(await levelOf(other)).toMatchObject({ stock: 10 });

    const definition = (await DB.prepare("SELECT definition FROM sale WHERE sale_id = ?")
      .bind(sale.saleId)
      .first("definition")) as string;
    await DB.prepare("UPDATE sale SET definition = ? WHERE sale_id = ?")
      .bind(definition.replace(`"${sku}"`, `"${sku}-b"`), sale.saleId)
      .run();
    expect(await PURCHASE.createSale(broken)).toMatchObject({ ok: true });
    expect(await PURCHASE.sale(sale.saleId)).not.toBeNull();
    expect(await levelOf(SKU.getByName(`${sku}-b`))).toMatchObject({ stock: 10 });
  });

  it("names every item that cannot be sold, and creates nothing", async () => {
    const { definition } = await createSale();
    const productId = await createProduct();
    const salePrice = { amount: 100, currency: "EUR" };
    const sale = await newSale({
      items: [
        { sku: definition.items[0]?.sku ?? "", productId, salePrice, stock: 1 },
        { sku: uniqueName("sku"), productId: "no-such-product", salePrice, stock: 1 },
        {
          sku: uniqueName("sku"),
          productId,
          salePrice: { amount: 100, currency: "JPY" },
          stock: 1,
        },
      ],
    });
    const refusal = await PURCHASE.createSale(sale);
    expect(refusal).toMatchObject({ ok: false, code: "validation_failed" });
    expect(errorsOf(refusal)).toEqual([
      ["items.0.sku", "This SKU belongs to another sale."],
      ["items.1.productId", "There is no such product."],
      ["items.2.salePrice.currency", "The product is priced in EUR."],
    ]);
    expect(await PURCHASE.sale(sale.saleId)).toBeNull();
    expect(await QUEUE_SEQUENCER.getByName(sale.saleId).board()).toBeNull();
  });
});

describe("the list of sales", () => {
  it("has the latest start first, and only what is listed", async () => {
    const later = await createSale({
      startsAtMs: NOON_MS + HOUR_MS,
      endsAtMs: NOON_MS + 2 * HOUR_MS,
    });
    const latest = await createSale({
      startsAtMs: NOON_MS + 2 * HOUR_MS,
      endsAtMs: NOON_MS + 3 * HOUR_MS,
    });
    const ids = (await PURCHASE.sales()).map((sale) => sale.definition.saleId);
    expect(ids.slice(0, 2)).toEqual([latest.definition.saleId, later.definition.saleId]);
    expect(await PURCHASE.sale("no-such-sale")).toBeNull();
  });
});

describe("a command", () => {
  it("reaches the line, every item and the catalogue", async () => {
    const productId = await createProduct();
    const salePrice = { amount: 100, currency: "EUR" };
    const skus = [uniqueName("sku"), uniqueName("sku")];
    const { definition } = await createSale({
      items: skus.map((sku) => ({ sku, productId, salePrice, stock: 5 })),
    });
    const { saleId } = definition;
    const outcomes: [Parameters<typeof PURCHASE.commandSale>[1], string, ProblemCode | "ok"][] = [
      ["pause", "paused", "sale_paused"],
      ["resume", "active", "ok"],
      ["end", "ended", "sale_ended"],
    ];
    for (const [index, [command, state, code]] of outcomes.entries()) {
      const commanded = await PURCHASE.commandSale(saleId, command);
      expect(commanded).toMatchObject({ ok: true, sale: { control: { version: index + 2 } } });
      expect(await PURCHASE.sale(saleId)).toMatchObject({ control: { version: index + 2 } });
      expect((await bindings.WAITING_ROOM.board(saleId))?.state).toBe(state);
      for (const sku of skus) {
        const answer = await SKU.getByName(sku).reserve(reservation(command));
        expect(answer.ok ? "ok" : answer.code).toBe(code);
      }
    }
  });

  it("starts a draft now, and the catalogue sorts by the new start", async () => {
    const { definition } = await createSale({
      draft: true,
      startsAtMs: NOON_MS + HOUR_MS,
      endsAtMs: NOON_MS + 2 * HOUR_MS,
    });
    clock.advance(1_000);
    const started = await PURCHASE.commandSale(definition.saleId, "start");
    expect(started).toMatchObject({
      ok: true,
      sale: { control: { mode: "open", startsAtMs: NOON_MS + 1_000, version: 2 } },
    });
    const row = await DB.prepare("SELECT starts_at_ms AS at FROM sale WHERE sale_id = ?")
      .bind(definition.saleId)
      .first("at");
    expect(row).toBe(NOON_MS + 1_000);
  });

  it("is refused where the sale's state does not allow it, and for an unknown sale", async () => {
    const { definition } = await createSale({ draft: true });
    expect(await PURCHASE.commandSale(definition.saleId, "pause")).toMatchObject({
      ok: false,
      code: "order_state_conflict",
    });
    expect(await PURCHASE.commandSale("no-such-sale", "end")).toEqual({
      ok: false,
      code: "not_found",
    });
  });

  it("is done when every item has confirmed it, and may be repeated until then", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const { definition } = await createSale();
    const { saleId, items } = definition;
    const [{ sku } = { sku: "" }] = items;
    let pushesToLose = 1;
    const env = envBehind(() => {
      if (pushesToLose-- > 0) throw new Error("Network connection lost.");
    });
    expect(await commandSale(env, saleId, "pause")).toMatchObject({ ok: true });
    expect(await SKU.getByName(sku).reserve(reservation("paused"))).toMatchObject({
      code: "sale_paused",
    });
    pushesToLose = Infinity;
    expect(await commandSale(env, saleId, "resume")).toMatchObject({
      code: "busy",
      detail: expect.stringContaining(sku),
    });
    expect((await bindings.WAITING_ROOM.board(saleId))?.state).toBe("active");
    pushesToLose = 0;
    expect(await commandSale(env, saleId, "resume")).toMatchObject({
      ok: true,
      sale: { control: { version: 3 } },
    });
    expect(await SKU.getByName(sku).reserve(reservation("resumed"))).toMatchObject({ ok: true });
  });

  it("that moves the end is done when every item has confirmed it, and its repeat notes nothing more", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const { definition, control } = await createSale();
    const { saleId, items } = definition;
    const [{ sku } = { sku: "" }] = items;
    const by = { actor: "u_bea", reason: "A short drop." };
    const changes = { name: "A short drop", endsAtMs: NOON_MS + 1_000 };
    let pushesToLose = Infinity;
    const env = envBehind(() => {
      if (pushesToLose-- > 0) throw new Error("Network connection lost.");
    });
    expect(await changeSale(env, saleId, changes, by)).toMatchObject({ code: "busy" });
    pushesToLose = 0;
    const done = { definition: { ...definition, name: changes.name } };
    const moved = { ...control, endsAtMs: changes.endsAtMs, version: 2 };
    expect(await changeSale(env, saleId, changes, by)).toEqual({
      ok: true,
      sale: { ...done, control: moved },
    });
    expect(await PURCHASE.sale(saleId)).toEqual({ ...done, control: moved });
    const { rows } = await QUEUE_SEQUENCER.getByName(saleId).chain(0);
    expect(rows.map(({ text }) => JSON.parse(text) as object)).toMatchObject([
      { type: "created" },
      { type: "started" },
      { ...by, type: "changed", detail: changes },
    ]);
    clock.set(NOON_MS + 1_000);
    expect(await SKU.getByName(sku).reserve(reservation("late"))).toMatchObject({
      code: "sale_ended",
    });
    expect(await PURCHASE.changeSale("no-such-sale", changes, by)).toMatchObject({
      code: "not_found",
    });
  });

  it("that takes a pass back reaches every item: new purchases are refused, old answers stand", async () => {
    const queue = queueSettings({ reorderWindowMs: 0, lanes: 1 });
    const { definition } = await createSale({ queue });
    const { saleId, items } = definition;
    const [{ sku } = { sku: "" }] = items;
    const bought = reservation("before");
    const held = await SKU.getByName(sku).reserve(bought);
    const by = { actor: "u_bea", reason: "A bot." };
    await new TestLine(saleId, 1).number(bought.number);
    expect(await PURCHASE.revokePlace(saleId, bought.number, by)).toMatchObject({
      ok: true,
      sale: { control: { version: 2, revoked: [bought.number] } },
    });
    expect(
      await SKU.getByName(sku).reserve({ ...reservation("after"), number: bought.number }),
    ).toEqual({
      ok: false,
      code: "pass_invalid",
    });
    expect(await SKU.getByName(sku).reserve(bought)).toEqual(held);
    expect(await PURCHASE.revokePlace("no-such-sale", 1, by)).toMatchObject({ code: "not_found" });
  });

  it("that comes to the catalogue late does not put an older control over a newer one", async () => {
    const { definition } = await createSale();
    const { saleId } = definition;
    await DB.prepare(
      "UPDATE sale SET control = json_set(control, '$.version', 9) WHERE sale_id = ?",
    )
      .bind(saleId)
      .run();
    await PURCHASE.commandSale(saleId, "pause");
    expect(await PURCHASE.sale(saleId)).toMatchObject({ control: { mode: "open", version: 9 } });
  });
});
