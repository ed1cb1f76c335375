import { WorkerEntrypoint } from "cloudflare:workers";
import { encodeBase64url } from "../../domain/base64url.ts";
import { chainHash, GENESIS_HASH } from "../../domain/books/chain.ts";
import { sha256 } from "../../domain/sha256.ts";
import { ORDER_ID_RANDOM_BYTES, sealOrderId } from "../../domain/order-id.ts";
import { intakeName, skuOfIntake } from "../../domain/purchase/intake.ts";
import { decodePage } from "../../domain/purchase/ledger-page.ts";
import type { LedgerEvent, LedgerPage } from "../../domain/purchase/ledger.ts";
import type { SaleControl } from "../../domain/purchase/sale.ts";
import type { ReserveCommand } from "../../domain/purchase/stock.ts";
import { parseKeyring } from "../../domain/token.ts";
import { SkuIntake as ProductIntake } from "../../durable-objects/sku-intake.ts";
import type { SkuReport } from "../../durable-objects/sku-outbox.ts";
import type { Sku } from "./item-worker.ts";

interface LoadEnv {
  SKU: DurableObjectNamespace<Sku>;
  SKU_INTAKE: DurableObjectNamespace<SkuIntake>;
}

/** What every intake is to do: shoppers who buy one unit each, so many of them at once. */
export interface Drive {
  sku: string;
  intakes: number;
  /** Shoppers of each intake, from this number on. */
  from: number;
  shoppers: number;
  atOnce: number;
}

/** What shoppers were told. */
export interface Told {
  orderIds: string[];
  refused: Record<string, number>;
  wrong: number;
}

/** What an item has kept. */
export interface Kept {
  orderIds: string[];
  /** Rows that do not follow from the one before. */
  broken: number;
}

const KEYS = parseKeyring(`k1:${"A".repeat(43)}`);
const ID_CHARACTERS = 22;
const KEY_CHARACTERS = 36;
const BODY_HASH_CHARACTERS = 64;
const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const STARTED_MS = Date.UTC(2026, 0, 1);

/** A sale that goes on for long. */
export function controlOf(): SaleControl {
  return {
    mode: "open",
    startsAtMs: STARTED_MS,
    endsAtMs: STARTED_MS + 10_000 * DAY_MS,
    version: 1,
  };
}

/** The product's intake, with shoppers who stand right before it: what a gateway does beside it is not measured here. */
export class SkuIntake extends ProductIntake {
  async drive({ atOnce, from, intakes, shoppers }: Drive): Promise<Told> {
    const { name = "" } = this.ctx.id;
    const sku = skuOfIntake(name);
    const told: Told = { orderIds: [], refused: {}, wrong: 0 };
    let next = from;
    const shop = async (): Promise<void> => {
      while (next < from + shoppers) {
        const command = commandOf(sku, `${name}-${next++}`);
        const answer = await this.reserve(command, intakes);
        if (!answer.ok) told.refused[answer.code] = (told.refused[answer.code] ?? 0) + 1;
        else if (answer.orderId !== command.orderId) told.wrong += 1;
        else told.orderIds.push(answer.orderId);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, shop));
    return told;
  }
}

/** The orders of an item's ledger, whose chain is followed from the first row on. */
async function keptBy(item: DurableObjectStub<Sku>): Promise<Kept> {
  const kept: Kept = { orderIds: [], broken: 0 };
  let last = { sequence: 0, hash: GENESIS_HASH };
  for (;;) {
    const { rows } = await item.chain(last.sequence);
    for (const { sequence, text, hash } of rows) {
      const isNext = sequence === last.sequence + 1 && hash === chainHash(last.hash, text);
      if (!isNext) kept.broken += 1;
      const { type, order } = JSON.parse(text) as LedgerEvent;
      if (type === "reserved" && order) kept.orderIds.push(order.orderId);
      last = { sequence, hash };
    }
    if (rows.length === 0) return kept;
  }
}

/** A purchase as the gateway sends it: the same texts, none of them in an order. */
function commandOf(sku: string, shopper: string): ReserveCommand {
  const bytes = sha256(new TextEncoder().encode(shopper));
  const random = encodeBase64url(bytes);
  const id = random.slice(0, ID_CHARACTERS);
  const nowMs = Date.now();
  return {
    orderId: sealOrderId(KEYS, sku, nowMs, bytes.subarray(0, ORDER_ID_RANDOM_BYTES)),
    shopper: `g_${id}`,
    number: 1,
    passExpiresAtMs: nowMs + HOUR_MS,
    idempotencyKey: random.slice(0, KEY_CHARACTERS),
    bodyHash: "0".repeat(BODY_HASH_CHARACTERS),
    quantity: 1,
    from: { address: id, device: id, traceparent: TRACEPARENT },
  };
}

/** Takes an item's pages as the consumer does that has written them, and its reports as the line does. */
export class Taker extends WorkerEntrypoint<LoadEnv> {
  async page(page: LedgerPage | string): Promise<void> {
    const { sku, fromSequence, events } = typeof page === "string" ? decodePage(page) : page;
    const throughSequence = fromSequence + events.length - 1;
    const acked = this.env.SKU.getByName(sku).acked(fromSequence, throughSequence, true);
    this.ctx.waitUntil(Promise.resolve(acked));
  }

  report(_report: SkuReport): { ok: true; control: SaleControl } {
    return { ok: true, control: controlOf() };
  }
}

export default {
  async fetch(request, env): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/create") {
      const { sku, stock } = await request.json<{ sku: string; stock: number }>();
      const terms = {
        saleId: "bench",
        sku,
        price: { amount: 49_900, currency: "EUR" },
        perShopper: 1,
        holdSeconds: 3_600,
      };
      return Response.json(await env.SKU.getByName(sku).create(terms, controlOf(), stock));
    }
    if (pathname === "/drive") {
      const drive = await request.json<Drive>();
      const names = Array.from({ length: drive.intakes }, (_, at) => intakeName(drive.sku, at));
      const told = await Promise.all(
        names.map((name) => env.SKU_INTAKE.getByName(name).drive(drive)),
      );
      return Response.json(told);
    }
    const [, what, sku = ""] = pathname.split("/");
    const item = env.SKU.getByName(sku);
    if (what === "stats") return Response.json(await item.stats());
    if (what === "rows") return Response.json(await item.rowsWritten());
    if (what === "intakes") {
      const names = Array.from({ length: Number(pathname.split("/")[3]) }, (_, at) =>
        intakeName(sku, at),
      );
      return Response.json(
        await Promise.all(names.map((name) => env.SKU_INTAKE.getByName(name).stats())),
      );
    }
    if (what === "kept") return Response.json(await keptBy(item));
    if (what === "behind") {
      const { head, mirroredThrough = 0 } = await item.chain(Number.MAX_SAFE_INTEGER);
      return Response.json(head.sequence - mirroredThrough);
    }
    return new Response("ready");
  },
} satisfies ExportedHandler<LoadEnv>;
