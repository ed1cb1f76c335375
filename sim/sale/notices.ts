import type { Refusal } from "../../domain/problem.ts";
import {
  SandboxWebhooks,
  sandboxWebhook,
  type SandboxNews,
} from "../../workers/purchase/providers/sandbox-webhooks.ts";
import type { Webhook } from "../../workers/purchase/providers/provider.ts";
import { receiveWebhook } from "../../workers/purchase/webhooks.ts";
import type { Dice } from "../kernel/dice.ts";
import { isInfrastructure } from "../platform/network.ts";
import { WorkerCaller } from "../platform/worker.ts";
import type { Book } from "./provider.ts";
import type { Witness } from "./witness.ts";
import type { World } from "./world.ts";

/** The secret of the endpoint, and that of another one; nothing secret. */
const SECRET = "whsec_c2ltdWxhdGVk";
const OTHER_SECRET = "whsec_YW5vdGhlcg==";
const CURRENCY = "EUR";
/** A late notice comes after this long at most, and a doubled one again. */
const LATE_MAX_US = 60_000_000;
/** What is not taken is sent again after this long at most, so often. */
const RETRY_MAX_US = 10_000_000;
const TRIES_MAX = 4;
/** Longer than any webhook is believed. */
const TOO_OLD_MS = 6 * 60_000;

/** Notices that must not be believed, and what becomes of them. */
const LIES = {
  unsigned: "webhook_invalid",
  forged: "webhook_invalid",
  altered: "webhook_invalid",
  too_old: "webhook_invalid",
  another_sum: "validation_failed",
  another_currency: "validation_failed",
  unknown_order: "not_found",
  unknown_attempt: "not_found",
} as const satisfies Record<string, Refusal["code"]>;
type Lie = keyof typeof LIES;
const LIE_KINDS = Object.keys(LIES) as Lie[];

/**
 * What the provider tells unasked, through the purchase Worker's own function: late, doubled, before its
 * answer, again where it was not taken; and beside the truth what must not be believed.
 */
export class Notices {
  readonly #world: World;
  readonly #witness: Witness;
  readonly #dice: Dice;
  readonly #node = "webhooks";

  constructor(world: World, witness: Witness) {
    this.#world = world;
    this.#witness = witness;
    this.#dice = world.kernel.dice.fork("notices");
  }

  /** From here on the provider tells what it books. */
  begin(): void {
    this.#world.provider.telling = (idempotencyKey, book) =>
      this.#underWay(this.#tell(idempotencyKey, book));
  }

  async #tell(idempotencyKey: string, { state, amount, isByHand }: Book): Promise<void> {
    if (state === "action") return;
    const { faults, scheduler } = this.#world.kernel;
    const reason = state === "declined" ? "told" : null;
    const news: SandboxNews = { idempotencyKey, kind: state, amount, currency: CURRENCY, reason };
    if (faults.happens("notice.false")) this.#later(() => this.#lie(news));
    if (isByHand) return this.#insist(news, Infinity);
    if (faults.happens("notice.lost")) return;
    if (faults.happens("notice.doubled")) this.#later(() => this.#insist(news));
    if (faults.happens("notice.late")) await scheduler.sleep(this.#dice.int(0, LATE_MAX_US));
    await this.#insist(news);
  }

  #later(send: () => Promise<void>): void {
    const { scheduler } = this.#world.kernel;
    void this.#underWay(scheduler.sleep(this.#dice.int(0, LATE_MAX_US)).then(send));
  }

  async #underWay(sent: Promise<void>): Promise<void> {
    const { provider } = this.#world;
    provider.noticesUnderWay += 1;
    await sent.finally(() => {
      provider.noticesUnderWay -= 1;
    });
  }

  /** Sends what is true until it is taken, some times at the most. */
  async #insist(news: SandboxNews, triesMax = TRIES_MAX): Promise<void> {
    const { scheduler } = this.#world.kernel;
    for (let tries = 0; tries < triesMax; tries++) {
      const answer = await this.#send(sandboxWebhook(SECRET, news, this.#nowMs()));
      if (answer?.ok) return this.#cover(`notice.${news.kind}`);
      if (answer && answer.code !== "busy" && !this.#isUnlisted(news))
        return this.#violate("notice.genuine", `${describe(news)} was refused: ${answer.code}`);
      await scheduler.sleep(this.#dice.int(0, RETRY_MAX_US));
    }
  }

  /** Whether the purchase Worker has not got the key of the order yet. */
  #isUnlisted({ idempotencyKey }: SandboxNews): boolean {
    const [orderId = ""] = idempotencyKey.split(":");
    return !this.#world.keys.knowsOrder("purchase", orderId);
  }

  async #lie(news: SandboxNews): Promise<void> {
    const lie = this.#dice.pick(LIE_KINDS);
    const answer = await this.#send(this.#lieOf(lie, news));
    if (!answer || this.#isUnlisted(news)) return;
    if (answer.ok || (answer.code !== LIES[lie] && answer.code !== "busy"))
      this.#violate(
        "notice.refused",
        `${lie}: ${describe(news)} was ${answer.ok ? "taken" : answer.code}`,
      );
    else this.#cover(`notice.refused.${lie}`);
  }

  /** It tells of money that is there, of which there is none. */
  #lieOf(lie: Lie, { idempotencyKey, amount, currency }: SandboxNews): Webhook {
    const kind = this.#dice.pick(["authorised", "captured", "declined", "refunded"] as const);
    const news: SandboxNews = { idempotencyKey, kind, amount, currency, reason: null };
    const nowMs = this.#nowMs();
    switch (lie) {
      case "unsigned":
        return { ...sandboxWebhook(SECRET, news, nowMs), headers: {} };
      case "forged":
        return sandboxWebhook(OTHER_SECRET, news, nowMs);
      case "altered": {
        const { headers, body } = sandboxWebhook(SECRET, { ...news, kind: "voided" }, nowMs);
        return { headers, body: body.replace("voided", kind) };
      }
      case "too_old":
        return sandboxWebhook(SECRET, news, nowMs - TOO_OLD_MS);
      case "another_sum":
        return sandboxWebhook(SECRET, { ...news, amount: amount + 1 }, nowMs);
      case "another_currency":
        return sandboxWebhook(SECRET, { ...news, currency: "USD" }, nowMs);
      case "unknown_order":
        return sandboxWebhook(SECRET, { ...news, idempotencyKey: `x${idempotencyKey}` }, nowMs);
      case "unknown_attempt":
        return sandboxWebhook(SECRET, { ...news, idempotencyKey: `${idempotencyKey}0` }, nowMs);
    }
  }

  /** What became of a webhook; `null` when nobody knows. */
  async #send(webhook: Webhook): Promise<{ ok: true } | Refusal | null> {
    const { kernel } = this.#world;
    const env = this.#world.purchaseEnv(new WorkerCaller(kernel, this.#node));
    try {
      return await receiveWebhook(env, new SandboxWebhooks(SECRET), webhook, this.#nowMs());
    } catch (error) {
      if (!isInfrastructure(error)) throw error;
      return null;
    }
  }

  #nowMs(): number {
    return this.#world.kernel.nowMs(this.#node);
  }

  #cover(name: string): void {
    this.#witness.covered.add(name);
  }

  #violate(invariant: string, detail: string): void {
    this.#witness.violate(invariant, detail);
    this.#world.kernel.note(`BROKEN ${invariant}: ${detail}`);
  }
}

function describe({ idempotencyKey, kind, amount, currency }: SandboxNews): string {
  return `${kind} ${amount} ${currency} of ${idempotencyKey}`;
}
