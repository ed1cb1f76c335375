import { and, eq, getTableColumns, sql } from "drizzle-orm";
import { sandboxBookings, sandboxPayments } from "../../../d1/schema.ts";
import { sha256Hex } from "../../../domain/hash.ts";
import {
  PAYMENT_SCHEDULE,
  type PaymentOutcome,
  type PaymentSchedule,
} from "../../../domain/purchase/payment.ts";
import type { Runtime } from "../../../durable-objects/runtime.ts";
import { database, Wording, words } from "../database.ts";
import { Gathered } from "./gathered.ts";
import {
  splitKey,
  type CardReader,
  type PaymentProvider,
  type PaymentRequest,
  type Webhook,
} from "./provider.ts";
import { bankUrl, openChallenge, type BankAnswer, type BankView } from "./sandbox-bank.ts";
import { sandboxWebhook, type SandboxNews } from "./sandbox-webhooks.ts";

/** How long a call hangs that times out: short, so that a local flood stays short. */
const TIMEOUT_MS = 200;
/** `tok_late_ok` is authorised so many deadlines after it was asked for: when its hold was given up. */
const LATE_DEADLINES = 10 / 9;

/** A webhook that is to come after the answer of the call waits this long: the answer is a call away. */
const AFTER_ANSWER_MS = 200;

/** Where a charge stands. `action`: its shopper is at the bank. Of a pending one the bank itself does not know yet what becomes of it. */
type State = "pending" | "action" | "authorised" | "declined" | "captured" | "voided" | "refunded";
type Kind = "charge" | "capture" | "void" | "refund";
type Row = typeof sandboxPayments.$inferSelect;

/** What the bank says of a token, and whether it says so in time. */
interface Verdict {
  state: State;
  reason: string | null;
  /** The first call hangs, though the bank has acted. */
  hangs: boolean;
}

/** What the sandbox has beside its books. */
export interface SandboxDesk {
  /** Signs webhooks and the addresses of the bank's page. */
  secret: string;
  /**
   * Sends a webhook after `delayMs`; it may never come, come late, or twice. The promise ends when it has
   * been sent, and never fails.
   */
  post: (webhook: Webhook, delayMs: number) => Promise<void>;
}

const { idempotencyKey: KEY, state: STATE, amount: AMOUNT, currency: CURRENCY } = sandboxPayments;
const given = sql.placeholder("idempotencyKey");

/** The statements of a payment, worded once. */
const CHARGE = new Wording(
  words
    .insert(sandboxPayments)
    .values({
      idempotencyKey: given,
      amount: sql.placeholder("amount"),
      currency: sql.placeholder("currency"),
      state: sql.placeholder("state"),
      reason: sql.placeholder("reason"),
      ripensAtMs: sql.placeholder("ripensAtMs"),
      asked: 1,
    })
    .onConflictDoUpdate({ target: KEY, set: { asked: sql`${sandboxPayments.asked} + 1` } })
    .returning(),
);
const MOVE = new Wording(
  words
    .update(sandboxPayments)
    .set({ state: sql`${sql.placeholder("to")}` })
    .where(
      and(
        eq(KEY, given),
        sql`${STATE} IN (SELECT value FROM json_each(${sql.placeholder("from")}))`,
      ),
    ),
);
const BOOKING = new Wording(
  words
    .insert(sandboxBookings)
    .select(
      sql`SELECT ${KEY}, ${sql.placeholder("kind")}, ${AMOUNT}, ${CURRENCY}, ${sql.placeholder("atMs")}
          FROM ${sandboxPayments} WHERE ${KEY} = ${given} AND ${STATE} = ${sql.placeholder("state")}`,
    )
    .onConflictDoNothing(),
);
const ROW = new Wording(words.select().from(sandboxPayments).where(eq(KEY, given)));

/**
 * The embedded provider: every outcome by token, with durable books of its own.
 *
 * `tok_ok` is authorised, `tok_decline` and `tok_insufficient_funds` are declined. `tok_timeout_ok` and
 * `tok_timeout_decline` time out once, and then it turns out what had become of them; `tok_timeout` is one
 * of the two by order id. `tok_late_ok` is not known, and cannot be voided, until its hold is long gone;
 * then it is authorised. `tok_action` is authorised or declined by the shopper at the bank's page, which
 * the sandbox tells by webhook. `tok_webhook_twice` and `tok_webhook_first` are authorised, and captured,
 * and told so: twice after the answer, or once before it. Any other token is declined. What stands behind
 * a `#` says which card it is: `tok_ok#4242` and `tok_decline#4242` are one.
 */
export class Sandbox implements PaymentProvider, CardReader {
  readonly #db: D1Database;
  readonly #calls: Gathered;
  readonly #runtime: Runtime;
  readonly #desk: SandboxDesk;
  readonly #lateMs: number;

  constructor(
    db: D1Database,
    runtime: Runtime,
    desk: SandboxDesk,
    { deadlineSeconds }: PaymentSchedule = PAYMENT_SCHEDULE,
  ) {
    this.#db = db;
    this.#calls = new Gathered(db);
    this.#runtime = runtime;
    this.#desk = desk;
    this.#lateMs = Math.round(deadlineSeconds * 1000 * LATE_DEADLINES);
  }

  async authorise(request: PaymentRequest): Promise<PaymentOutcome> {
    const { idempotencyKey, amount, currency } = request;
    const { state, reason, hangs } = verdictOf(request);
    const ripensAtMs = state === "pending" ? this.#runtime.now() + this.#lateMs : null;
    const [charged] = await this.#calls.batch([
      CHARGE.with(this.#db, { idempotencyKey, amount, currency, state, reason, ripensAtMs }),
      this.#booking(idempotencyKey, "charge", "authorised"),
    ]);
    const row = rowIn(charged);
    if (hangs && row?.asked === 1 && row.state === state) return this.#hang();
    if (row?.state === "authorised") await this.#announce(request, "authorised");
    const outcome = this.#tell(await this.#ripe(row));
    return outcome.kind === "voided" ? { kind: "declined", reason: "voided" } : outcome;
  }

  async enquire({ idempotencyKey }: PaymentRequest): Promise<PaymentOutcome> {
    return this.#tell(await this.#ripe(await this.#row(idempotencyKey)));
  }

  async capture(request: PaymentRequest): Promise<PaymentOutcome> {
    const { idempotencyKey } = request;
    const row = await this.#move(idempotencyKey, "capture", ["authorised"], "captured");
    if (row?.state === "captured") await this.#announce(request, "captured");
    if (row?.state === "captured" || row?.state === "refunded") return this.#tell(row);
    return { kind: "refused", step: "capture", reason: row?.state ?? "no such charge" };
  }

  /** Also of a key that was never seen: an authorisation that arrives later finds it voided. */
  async void({ idempotencyKey, amount, currency }: PaymentRequest): Promise<PaymentOutcome> {
    await this.#ripe(await this.#row(idempotencyKey));
    await database({ DB: this.#db })
      .insert(sandboxPayments)
      .values({ idempotencyKey, amount, currency, state: "voided", asked: 0 })
      .onConflictDoNothing();
    const row = await this.#move(
      idempotencyKey,
      "void",
      ["authorised", "declined", "action"],
      "voided",
    );
    return this.#tell(row);
  }

  async refund({ idempotencyKey }: PaymentRequest): Promise<PaymentOutcome> {
    const row = await this.#move(idempotencyKey, "refund", ["captured"], "refunded");
    if (row?.state === "refunded" || row?.state === "voided") return this.#tell(row);
    return { kind: "refused", step: "refund", reason: row?.state ?? "no such charge" };
  }

  /** What the token says of it, or its name. */
  fingerprint(token: string): Promise<string> {
    const { name, card = name } = readToken(token);
    return Promise.resolve(card);
  }

  /** What the bank's page shows of the attempt that a challenge is about; `null` when there is none. */
  async challenged(challenge: string): Promise<BankView | null> {
    const idempotencyKey = openChallenge(this.#desk.secret, challenge);
    const row = idempotencyKey === null ? undefined : await this.#row(idempotencyKey);
    return row ? this.#viewOf(row) : null;
  }

  /** Takes the shopper's answer at the bank, once: every later one finds the first. It is told by webhook. */
  async answer(challenge: string, answer: BankAnswer): Promise<BankView | null> {
    const idempotencyKey = openChallenge(this.#desk.secret, challenge);
    const before = idempotencyKey === null ? undefined : await this.#row(idempotencyKey);
    if (!before) return null;
    const row =
      answer === "approve"
        ? await this.#move(before.idempotencyKey, "charge", ["action"], "authorised")
        : await this.#declineAtBank(before.idempotencyKey);
    if (row?.state === "authorised" || row?.state === "declined")
      await this.#post(row, row.state, 0);
    return this.#viewOf(row ?? before);
  }

  async #declineAtBank(idempotencyKey: string): Promise<Row | undefined> {
    const { idempotencyKey: key, state } = sandboxPayments;
    await database({ DB: this.#db })
      .update(sandboxPayments)
      .set({ state: "declined", reason: "declined_at_bank" })
      .where(and(eq(key, idempotencyKey), eq(state, "action")));
    return this.#row(idempotencyKey);
  }

  async #viewOf(row: Row): Promise<BankView> {
    const { idempotencyKey, amount, currency } = row;
    const { orderId } = splitKey(idempotencyKey);
    return { orderId, total: { amount, currency }, state: await this.#answerIn(row) };
  }

  /** What was answered: what is voided may have been approved before. */
  async #answerIn({ idempotencyKey, state, reason }: Row): Promise<BankView["state"]> {
    if (state === "action") return "open";
    if (reason !== null) return "declined";
    if (state !== "voided") return "approved";
    const { idempotencyKey: key, kind } = sandboxBookings;
    const charges = await database({ DB: this.#db })
      .select()
      .from(sandboxBookings)
      .where(and(eq(key, idempotencyKey), eq(kind, "charge")));
    return charges.length > 0 ? "approved" : "closed";
  }

  /** Tells what the answer of a call tells as well, for the tokens of which this is told. */
  async #announce(
    { token, idempotencyKey, amount, currency }: PaymentRequest,
    kind: SandboxNews["kind"],
  ): Promise<void> {
    const news = { idempotencyKey, amount, currency, reason: null };
    const { name } = readToken(token);
    if (name === "tok_webhook_first") await this.#post(news, kind, 0);
    if (name !== "tok_webhook_twice") return;
    for (let times = 0; times < 2; times++) void this.#post(news, kind, AFTER_ANSWER_MS);
  }

  #post(
    { idempotencyKey, amount, currency, reason }: Omit<SandboxNews, "kind">,
    kind: SandboxNews["kind"],
    delayMs: number,
  ): Promise<void> {
    const news = { idempotencyKey, kind, amount, currency, reason };
    const { secret, post } = this.#desk;
    return post(sandboxWebhook(secret, news, this.#runtime.now()), delayMs);
  }

  /** Books a step from a state it expects, in one transaction: a repeat or a late one changes nothing. */
  async #move(
    idempotencyKey: string,
    kind: Kind,
    from: State[],
    to: State,
  ): Promise<Row | undefined> {
    const [, , moved] = await this.#calls.batch([
      MOVE.with(this.#db, { idempotencyKey, from: JSON.stringify(from), to }),
      this.#booking(idempotencyKey, kind, to),
      ROW.with(this.#db, { idempotencyKey }),
    ]);
    return rowIn(moved);
  }

  /** An entry of this kind, once, for a charge that stands at `state`. */
  #booking(idempotencyKey: string, kind: Kind, state: State): D1PreparedStatement {
    return BOOKING.with(this.#db, { idempotencyKey, kind, state, atMs: this.#runtime.now() });
  }

  /** A pending charge whose time has come is authorised. */
  async #ripe(row: Row | undefined): Promise<Row | undefined> {
    const isDue = row?.state === "pending" && this.#runtime.now() >= (row.ripensAtMs ?? 0);
    return isDue ? this.#move(row.idempotencyKey, "charge", ["pending"], "authorised") : row;
  }

  async #row(idempotencyKey: string): Promise<Row | undefined> {
    const [found] = await this.#calls.batch([ROW.with(this.#db, { idempotencyKey })]);
    return rowIn(found);
  }

  #tell(row: Row | undefined): PaymentOutcome {
    switch (row?.state as State | undefined) {
      case "authorised":
        return { kind: "authorised" };
      case "captured":
        return { kind: "captured" };
      case "refunded":
        return { kind: "refunded" };
      case "declined":
        return { kind: "declined", reason: row?.reason ?? "card_declined" };
      case "voided":
        return { kind: "voided" };
      case "action":
        return { kind: "action", url: bankUrl(this.#desk.secret, row?.idempotencyKey ?? "") };
      case "pending":
      case undefined:
        return { kind: "unknown", isPending: true };
    }
  }

  async #hang(): Promise<PaymentOutcome> {
    await new Promise<void>((resolve) => this.#runtime.setTimer(resolve, TIMEOUT_MS));
    return { kind: "unknown" };
  }
}

/** Fields of a row, and what the database calls them. */
const COLUMNS = Object.entries(getTableColumns(sandboxPayments));

/** The row of a charge in an answer; `undefined` where there is none. */
function rowIn(result: D1Result<Record<string, unknown>> | undefined): Row | undefined {
  const found = result?.results[0];
  if (!found) return undefined;
  return Object.fromEntries(COLUMNS.map(([field, { name }]) => [field, found[name]])) as Row;
}

function verdictOf({ token, orderId }: PaymentRequest): Verdict {
  const isLucky = Number.parseInt(sha256Hex(orderId).slice(0, 2), 16) < 128;
  const declined: Verdict = { state: "declined", reason: "card_declined", hangs: false };
  const authorised: Verdict = { state: "authorised", reason: null, hangs: false };
  switch (readToken(token).name) {
    case "tok_ok":
    case "tok_webhook_twice":
    case "tok_webhook_first":
      return authorised;
    case "tok_action":
      return { ...authorised, state: "action" };
    case "tok_insufficient_funds":
      return { ...declined, reason: "insufficient_funds" };
    case "tok_timeout_ok":
      return { ...authorised, hangs: true };
    case "tok_timeout_decline":
      return { ...declined, hangs: true };
    case "tok_timeout":
      return { ...(isLucky ? authorised : declined), hangs: true };
    case "tok_late_ok":
      return { ...authorised, state: "pending" };
    default:
      return declined;
  }
}

function readToken(token: string): { name: string; card?: string } {
  const at = token.indexOf("#");
  return at < 0 ? { name: token } : { name: token.slice(0, at), card: token.slice(at + 1) };
}
