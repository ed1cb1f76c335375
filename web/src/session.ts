/** What this browser keeps between visits: the guest identity, and per sale ticket, pass, place, order and list. */
import { createGuest } from "./api.ts";
import { ApiProblem } from "./problem.ts";
import { forget, isObject, isText, load, onOtherTab, save } from "./storage.ts";
import type { PlaceMemory } from "./waiting-text.ts";

/** A token about to run out is replaced before it is used, in time for the call to arrive. */
const TOKEN_MARGIN_MS = 60_000;
/** A new guest is one for at least this long: a day, with an hour to spare. */
const GUEST_LIFE_MS = 23 * 60 * 60 * 1_000;
const GUEST = "guest";

interface StoredGuest {
  readonly accessToken: string;
  readonly expiresAtMs: number;
}

function isGuest(value: unknown): value is StoredGuest {
  return isObject(value) && isText(value["accessToken"]) && Number.isFinite(value["expiresAtMs"]);
}

function isPass(value: unknown): value is StoredPass {
  return isObject(value) && isText(value["pass"]);
}

function isPlace(value: unknown): value is PlaceMemory {
  return isObject(value) && "number" in value && "ahead" in value && "startAhead" in value;
}

function storedGuest(): string | null {
  const guest = load(GUEST, isGuest);
  return guest !== null && guest.expiresAtMs - TOKEN_MARGIN_MS > Date.now()
    ? guest.accessToken
    : null;
}

async function newGuest(): Promise<string> {
  // Another tab may have finished while this one waited for the lock.
  const known = storedGuest();
  if (known !== null) {
    return known;
  }
  const { accessToken, expiresIn } = await createGuest();
  save(GUEST, { accessToken, expiresAtMs: Date.now() + expiresIn * 1_000 } satisfies StoredGuest);
  return accessToken;
}

/**
 * The guest's access token, asked for on first use. Tabs take turns, so that two of them never
 * become two shoppers.
 * @throws ApiProblem | NoAnswer when there is none yet and the shop does not give one
 */
export async function guestToken(): Promise<string> {
  const known = storedGuest();
  if (known !== null) {
    return known;
  }
  // Locks exist on secure origins only; elsewhere two tabs opened at once may differ.
  return "locks" in navigator ? navigator.locks.request("ropeline.guest", newGuest) : newGuest();
}

/** Whether this browser already is someone, without asking for an identity. */
export function hasGuest(): boolean {
  return storedGuest() !== null;
}

/** Whether what is kept for this guest, or for a new one, can still be read at a moment. */
export function hasGuestUntil(atMs: number): boolean {
  const guest = load(GUEST, isGuest);
  return atMs < (guest === null ? Date.now() + GUEST_LIFE_MS : guest.expiresAtMs);
}

/** Forgets an identity the shop no longer accepts. */
export function dropGuest(): void {
  forget(GUEST);
}

/**
 * Asks as this guest, and once more as a new one where the shop no longer accepts the kept identity.
 * Only for what does not depend on who asked before, such as joining a line.
 * @throws ApiProblem | NoAnswer
 */
export async function asGuest<Answer>(ask: (bearer: string) => Promise<Answer>): Promise<Answer> {
  try {
    return await ask(await guestToken());
  } catch (error) {
    if (!isNotAccepted(error)) {
      throw error;
    }
    dropGuest();
    return ask(await guestToken());
  }
}

/** Whether the shop does not accept the identity that was sent. */
export function isNotAccepted(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 401;
}

/** A pass and when it stops being good for new purchases. */
export interface StoredPass {
  readonly pass: string;
  readonly expiresAt: string | null;
}

/**
 * Which of two passes of one place is kept: the one that lasts longer. An answer may be on its way while
 * another tab has its turn made longer.
 */
export function laterPass(known: StoredPass | null, told: StoredPass | null): StoredPass | null {
  if (known === null || told === null) {
    return told ?? known;
  }
  const isLater = Date.parse(known.expiresAt ?? "") > Date.parse(told.expiresAt ?? "");
  return isLater ? known : told;
}

/** The place on a waiting list that is kept: of which article, and the order that was offered last. */
export interface StoredList {
  readonly sku: string;
  readonly orderId: string | null;
}

function isList(value: unknown): value is StoredList {
  return isObject(value) && isText(value["sku"]) && "orderId" in value;
}

/** The records of one sale; every setter takes null to forget. */
export interface SaleSession {
  ticket(): string | null;
  setTicket(ticket: string | null): void;
  pass(): StoredPass | null;
  setPass(pass: StoredPass | null): void;
  place(): PlaceMemory | null;
  setPlace(place: PlaceMemory | null): void;
  orderId(): string | null;
  setOrderId(orderId: string | null): void;
  list(): StoredList | null;
  setList(list: StoredList | null): void;
  /** Whether this guest asked to be told of the start. */
  isReminded(): boolean;
  setReminded(isReminded: boolean): void;
  /** Calls back when another tab changes ticket, pass, order or list. */
  onOtherTab(changed: () => void): void;
}

/** Opens the records that this browser keeps for one sale. */
export function saleSession(saleId: string): SaleSession {
  const start = `sale.${saleId}.`;
  const put = (name: string, before: unknown, value: unknown): void => {
    if (value === null) {
      forget(start + name);
    } else if (JSON.stringify(before) !== JSON.stringify(value)) {
      // Only news is written, since every write wakes the other tabs.
      save(start + name, value);
    }
  };
  const ticket = (): string | null => load(`${start}ticket`, isText);
  const pass = (): StoredPass | null => load(`${start}pass`, isPass);
  const place = (): PlaceMemory | null => load(`${start}place`, isPlace);
  const orderId = (): string | null => load(`${start}order`, isText);
  const list = (): StoredList | null => load(`${start}list`, isList);
  return {
    ticket,
    setTicket: (value) => put("ticket", ticket(), value),
    pass,
    setPass: (value) => put("pass", pass(), value),
    place,
    setPlace: (value) => put("place", place(), value),
    orderId,
    setOrderId: (value) => put("order", orderId(), value),
    list,
    setList: (value) => put("list", list(), value),
    isReminded: () => load(`${start}reminder`, isText) === "on" && hasGuest(),
    setReminded: (isReminded) => {
      put("reminder", null, isReminded ? "on" : null);
    },
    onOtherTab: (changed) =>
      onOtherTab(start, (name) => {
        // The place alone moves with every poll of the other tab, and is asked for here as well.
        if (name !== `${start}place`) {
          changed();
        }
      }),
  };
}
