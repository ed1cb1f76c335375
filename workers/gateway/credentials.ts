import { IDEMPOTENCY_KEY_MAX_CHARACTERS } from "../../domain/limits.ts";
import { equalBytes, sha256Hex } from "../../domain/hash.ts";
import {
  openPass,
  parseKeyring,
  shopperBinding,
  type Keyring,
  type Pass,
  type Ticket,
} from "../../domain/token.ts";
import type { Identity, Role } from "./access-token.ts";
import { tokenFrom } from "./cookies.ts";
import type { Need, ParameterDocument } from "./endpoint.ts";
import type { GatewayContext } from "./gateway.ts";
import { invalid, refused } from "./problems.ts";

/** The scheme is case-insensitive (RFC 9110, section 11.1). */
const BEARER = /^Bearer +(\S+)$/i;

/** Each role with those that may stand in for it. */
const SUFFICIENT_ROLES: Readonly<Record<Role, readonly string[]>> = {
  viewer: ["viewer", "operator", "admin"],
  operator: ["operator", "admin"],
  admin: ["admin"],
};

let remembered: { text: string; keyring: Keyring } | null = null;

/** The signing keys; parsed once in an isolate. */
export function keyringOf({ TOKEN_KEYS }: { TOKEN_KEYS: string }): Keyring {
  if (remembered?.text !== TOKEN_KEYS)
    remembered = { text: TOKEN_KEYS, keyring: parseKeyring(TOKEN_KEYS) };
  return remembered.keyring;
}

/** The access token is asked for: 401 without a valid one. */
export const shopper: Need = {
  check: (c) => {
    c.set("identity", requireIdentity(c));
  },
  security: [{ accessToken: [] }],
  problems: ["unauthorized"],
};

/** A person with this role or a higher one, or locally the admin token. */
export function role(needed: Role): Need {
  return {
    check: (c) => {
      if (isAdminToken(c)) return;
      const identity = requireIdentity(c);
      const { roles } = identity;
      c.set("identity", identity);
      if (!SUFFICIENT_ROLES[needed].some((sufficient) => roles.includes(sufficient)))
        throw refused("forbidden", { detail: `This needs the role ${needed}.` });
    },
    security: [{ adminToken: [] }],
    problems: ["unauthorized", "forbidden"],
  };
}

/** The key under which the first answer is given again. */
export const idempotencyKey: Need = {
  check: (c) => {
    if (readIdempotencyKey(c) === undefined) throw refused("idempotency_key_required");
  },
  parameters: [idempotencyKeyDocument(true)],
  problems: ["idempotency_key_required", "validation_failed", "idempotency_conflict"],
};

/** The same where a key is welcome and not asked for. */
export const optionalIdempotencyKey: Need = {
  check: (c) => {
    readIdempotencyKey(c);
  },
  parameters: [idempotencyKeyDocument(false)],
  problems: ["validation_failed"],
};

function readIdempotencyKey(c: GatewayContext): string | undefined {
  const key = c.req.header("Idempotency-Key");
  if (key !== undefined && !isIdempotencyKey(key))
    throw invalid([
      { path: "Idempotency-Key", message: `1 to ${IDEMPOTENCY_KEY_MAX_CHARACTERS} characters` },
    ]);
  c.set("idempotencyKey", key);
  return key;
}

/** Whether a key is of a length that the contract allows. */
export function isIdempotencyKey(key: string): boolean {
  return key !== "" && key.length <= IDEMPOTENCY_KEY_MAX_CHARACTERS;
}

function idempotencyKeyDocument(required: boolean): ParameterDocument {
  return {
    name: "Idempotency-Key",
    in: "header",
    required,
    description: "The same key and body give the same answer again.",
    schema: { type: "string", minLength: 1, maxLength: IDEMPOTENCY_KEY_MAX_CHARACTERS },
  };
}

/** The shopper that the need `shopper` has found. */
export function shopperOf(c: GatewayContext): Identity {
  const identity = c.get("identity");
  if (!identity) throw new Error("The route does not ask for a shopper.");
  return identity;
}

/** The key that the need `idempotencyKey` has found. */
export function idempotencyKeyOf(c: GatewayContext): string {
  const key = c.get("idempotencyKey");
  if (key === undefined) throw new Error("The route does not ask for an idempotency key.");
  return key;
}

/** The ticket that the request brings; `null` when it is missing, forged or of another sale. */
export function ticketFrom(c: GatewayContext, saleId: string): Ticket | null {
  const token = tokenFrom(c, "Queue-Ticket", saleId);
  const ticket = token === null ? null : c.get("gateway").tickets.open(keyringOf(c.env), token);
  return ticket?.saleId === saleId ? ticket : null;
}

/**
 * Whether the request says by an access token whose ticket it brings.
 *
 * @throws Refused `unauthorized` for an access token that is not valid, `ticket_invalid` for one of
 * another shopper.
 */
export function checkTicketBearer(c: GatewayContext, ticket: Ticket): boolean {
  if (c.req.header("Authorization") === undefined) return false;
  const { subject } = requireIdentity(c);
  if (shopperBinding(keyringOf(c.env), ticket.saleId, subject) !== ticket.binding)
    throw refused("ticket_invalid");
  return true;
}

/** The genuine pass for exactly this place, expired or not; `null` when the request brings none. */
export function passOfPlace(
  c: GatewayContext,
  ticket: Ticket,
): { token: string; pass: Pass } | null {
  const token = tokenFrom(c, "Queue-Pass", ticket.saleId);
  const pass = token === null ? null : openPass(keyringOf(c.env), token);
  if (token === null || pass?.saleId !== ticket.saleId) return null;
  return pass.number === ticket.number && pass.binding === ticket.binding ? { token, pass } : null;
}

/**
 * The pass of this shopper for this sale, expired or not: the object looks at the key first.
 *
 * @throws Refused `pass_required` without one; `pass_invalid` when it is forged, of another sale or
 * of another shopper.
 */
export function requirePass(c: GatewayContext, saleId: string, { subject }: Identity): Pass {
  const keyring = keyringOf(c.env);
  const token = tokenFrom(c, "Queue-Pass", saleId);
  if (token === null) throw refused("pass_required");
  const pass = openPass(keyring, token);
  if (pass?.saleId !== saleId || pass.binding !== shopperBinding(keyring, saleId, subject))
    throw refused("pass_invalid");
  return pass;
}

/**
 * Who the request's access token says it is.
 *
 * @throws Refused `unauthorized` without a valid one.
 */
export function requireIdentity(c: GatewayContext): Identity {
  const token = bearerIn(c.req.header("Authorization"));
  const { identities, runtime } = c.get("gateway");
  const identity =
    token === null ? null : identities.verify(keyringOf(c.env), token, runtime.now());
  if (!identity) throw refused("unauthorized");
  return identity;
}

/** The access token in an `Authorization` header; `null` where there is none. */
export function bearerIn(authorization: string | null | undefined): string | null {
  return BEARER.exec(authorization ?? "")?.[1] ?? null;
}

/** Compares digests, so that neither time nor length tells anything about the token. */
function isAdminToken(c: GatewayContext): boolean {
  const expected = c.env.ADMIN_TOKEN ?? "";
  const given = bearerIn(c.req.header("Authorization"));
  if (expected === "" || given === null) return false;
  return equalBytes(Buffer.from(sha256Hex(expected)), Buffer.from(sha256Hex(given)));
}
