import type { Refusal } from "../../domain/problem.ts";
import type { ReserveCommand } from "../../domain/purchase/stock.ts";
import type { Outcome } from "../../durable-objects/batcher.ts";
import type { Runtime } from "../../durable-objects/runtime.ts";
import type { ReserveAnswer } from "../../durable-objects/sku.ts";
import type { Caller } from "./bindings.ts";
import { callObject } from "./object-calls.ts";

/** A purchase that comes this soon after another of its item waits so long for more; whoever comes alone waits for nobody. */
const COMPANY_MS = 5;
/** Purchases of one call: what an isolate gets in that time from a crowd. */
const CALL_MAX_COMMANDS = 100;
/** A call that nobody has made by then is nobody's any more: the request that was to make it is lost. */
const LOST_MS = 100;
/** Who has heard nothing after this long asks alone; the item gives a repeat the first outcome. */
const LATE_MS = 5_000;
/** Items that are sold here at once; beyond, all begin anew. */
const ITEMS_MAX = 1_000;

type Told = Outcome<ReserveAnswer | Refusal>;

interface Member {
  command: ReserveCommand;
  /** `null`: nothing was heard. */
  tell: (told: Told | null) => void;
}

/** What an item's purchases have come to. */
interface Item {
  lastAtMs: number;
  /** Who waits for the next call. */
  next: Member[];
  opensAtMs: number;
}

/**
 * Brings the purchases of an item that reach an isolate at the same time to the item in one call: a call costs both sides more than a
 * purchase in it. Each has an answer or an error of its own, given after the commit as ever. The request that opens a call makes it, and goes on
 * doing so when its own shopper hangs up; the others wait with a timer each, without which the runtime takes a request that has
 * nothing of its own under way for hung.
 */
export class Gathering {
  readonly #runtime: Runtime;
  readonly #companyMs: number;
  readonly #items = new Map<string, Item>();

  /** @param companyMs how long a purchase among others waits for more; less than the 100 ms after which a call counts as lost. */
  constructor(runtime: Runtime, companyMs = COMPANY_MS) {
    this.#runtime = runtime;
    this.#companyMs = companyMs;
  }

  /** Has an item reserve units for a shopper. Throws what the call throws. */
  async reserve(caller: Caller, sku: string, command: ReserveCommand) {
    const alone = () => callObject(() => caller.env.SKU.getByName(sku).reserve(command));
    const item = this.#item(sku);
    const nowMs = this.#runtime.now();
    const isAlone = nowMs - item.lastAtMs > this.#companyMs;
    item.lastAtMs = nowMs;
    if (isAlone) return alone();
    const { promise, resolve } = Promise.withResolvers<Told | null>();
    const timer = this.#runtime.setTimer(() => {
      resolve(null);
    }, LATE_MS);
    this.#openCall(caller, sku, item).push({ command, tell: resolve });
    const told = await promise;
    this.#runtime.clearTimer(timer);
    if (told === null) return alone();
    if (told.ok) return told.value;
    throw told.error;
  }

  #item(sku: string): Item {
    const known = this.#items.get(sku);
    if (known) return known;
    if (this.#items.size >= ITEMS_MAX) this.#items.clear();
    const item = { lastAtMs: -Infinity, next: [], opensAtMs: -Infinity };
    this.#items.set(sku, item);
    return item;
  }

  /** Who goes with the next call; this request makes it, if nobody else is about to. */
  #openCall(caller: Caller, sku: string, item: Item): Member[] {
    const nowMs = this.#runtime.now();
    const isLost = nowMs - item.opensAtMs > LOST_MS;
    if (item.next.length > 0 && item.next.length < CALL_MAX_COMMANDS && !isLost) return item.next;
    const members: Member[] = [];
    item.next = members;
    item.opensAtMs = nowMs;
    caller.waitUntil(this.#call(caller, sku, item, members));
    return members;
  }

  async #call({ env }: Caller, sku: string, item: Item, members: Member[]): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#runtime.setTimer(resolve, this.#companyMs);
    });
    if (item.next === members) item.next = [];
    const commands = members.map(({ command }) => command);
    try {
      const told = await callObject(() => env.SKU.getByName(sku).reserveMany(commands));
      for (const [index, { tell }] of members.entries()) tell(told[index] ?? null);
    } catch (error) {
      for (const { tell } of members) tell({ ok: false, error });
    }
  }
}
