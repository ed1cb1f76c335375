import { openOrderId, sealOrderId } from "../../domain/order-id.ts";
import {
  openLiveToken,
  openPass,
  openTicket,
  parseKeyring,
  sealLiveToken,
  sealTicket,
  shopperBinding,
  type Keyring,
  type LiveToken,
  type Pass,
  type Ticket,
} from "../../domain/token.ts";
import type { KeyWitness } from "../invariants/keys.ts";
import type { Plan } from "../plan/plan.ts";

/** Key ids: with the first one of each a sale begins. Keys are 32 bytes of nothing secret. */
export const TOKEN_KIDS = ["sim", "second", "third"] as const;
export const LOG_KIDS = ["sim", "later"] as const;

/** `TOKEN_KEYS` or `LOG_KEYS` that lists these. */
export function keysOf(kids: readonly string[]): string {
  const known: readonly string[] = [...TOKEN_KIDS, ...LOG_KIDS];
  return kids
    .map((kid) => `${kid}:${Buffer.alloc(32, 7 + known.indexOf(kid)).toString("base64url")}`)
    .join(",");
}

/** The keys as each isolate has them: what it started with, until it starts anew. */
export class Keys {
  /** As they were put last. */
  log = keysOf(LOG_KIDS.slice(0, 1));
  #tokens = keysOf(TOKEN_KIDS.slice(0, 1));
  #tokensOfPurchase = this.#tokens;
  readonly witness: KeyWitness;
  readonly #byNode = new Map<string, string>();
  readonly #rings = new Map<string, Keyring>();

  constructor(witness: KeyWitness) {
    this.witness = witness;
  }

  /** All keys that a plan ever lists for its logs. */
  static ofLogs({ keys }: Plan): string {
    const kids = keys.flatMap(({ ring, kids }) => (ring === "log" ? kids : []));
    return keysOf([...new Set([...kids, LOG_KIDS[0]])]);
  }

  /**
   * Puts the keys of tokens. One that is withdrawn stays where the provider's notices come, which name orders of any age.
   *
   * @returns whether the purchase Worker has got others.
   */
  putTokens(kids: readonly string[]): boolean {
    const isWithdrawal = kids.length < this.#tokens.split(",").length;
    this.#tokens = keysOf(kids);
    if (!isWithdrawal) this.#tokensOfPurchase = this.#tokens;
    return !isWithdrawal;
  }

  /** What a node's isolate has. */
  textOf(node: string): string {
    const put = node === "purchase" ? this.#tokensOfPurchase : this.#tokens;
    const text = this.#byNode.get(node) ?? put;
    this.#byNode.set(node, text);
    return text;
  }

  ringOf(node: string): Keyring {
    const text = this.textOf(node);
    const ring = this.#rings.get(text) ?? parseKeyring(text);
    this.#rings.set(text, ring);
    return ring;
  }

  /** A node's isolate starts anew, with the keys of now. */
  restart(node: string): void {
    this.#byNode.delete(node);
  }

  /** Whether a node can tell that an order is one of ours. */
  knowsOrder(node: string, orderId: string): boolean {
    return this.ringOf(node).masters.has(this.witness.kidOfOrder(orderId) ?? "");
  }
}

/** What one isolate seals and opens, with the product's own functions; each use is held against what is listed. */
export class Seals {
  readonly #keys: Keys;
  readonly #node: string;

  constructor(keys: Keys, node: string) {
    this.#keys = keys;
    this.#node = node;
  }

  get ring(): Keyring {
    return this.#keys.ringOf(this.#node);
  }

  binding(saleId: string, subject: string): string {
    const binding = shopperBinding(this.ring, saleId, subject);
    this.#keys.witness.bound(subject, binding);
    return binding;
  }

  ticket(ticket: Ticket): string {
    const token = sealTicket(this.ring, ticket);
    this.#keys.witness.sealed(token);
    return token;
  }

  openTicket(token: string): Ticket | null {
    return this.#opened(token, openTicket(this.ring, token));
  }

  /** A pass that a view has brought. */
  sealedPass(token: string | undefined): void {
    if (token !== undefined) this.#keys.witness.sealed(token);
  }

  openPass(token: string): Pass | null {
    return this.#opened(token, openPass(this.ring, token));
  }

  liveToken(right: LiveToken): string {
    const token = sealLiveToken(this.ring, right);
    this.#keys.witness.sealed(token);
    return token;
  }

  openLiveToken(token: string): LiveToken | null {
    return this.#opened(token, openLiveToken(this.ring, token));
  }

  orderId(sku: string, nowMs: number, random: Uint8Array): string {
    const orderId = sealOrderId(this.ring, sku, nowMs, random);
    this.#keys.witness.sealed(orderId, this.ring.signingKid);
    return orderId;
  }

  openOrderId(orderId: string): string | null {
    return this.#opened(orderId, openOrderId(this.ring, orderId));
  }

  #opened<Opened>(token: string, opened: Opened | null): Opened | null {
    this.#keys.witness.opened(this.ring, token, opened !== null);
    return opened;
  }
}
