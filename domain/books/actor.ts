/** What a request says of where it comes from, as the books keep it: keyed hashes, never the thing itself. */
export interface Origin {
  /** The network. */
  address?: string;
  /** The browser, by what it says of itself. */
  device?: string;
  /** The request's place in a trace, as `traceparent` has it (https://www.w3.org/TR/trace-context/). */
  traceparent?: string;
}

/** Who changes something, why and from where, as the books keep it: `staff:<name>`, `shopper:<subject>` or `system:<what>`. */
export interface Actor extends Origin {
  actor: string;
  reason: string | null;
}

/** Who does something, and from where. */
export type Doer = Omit<Actor, "reason">;

/** Who shops, as the books name them. */
export function shopperActor(subject: string): string {
  // Joined, which makes it one string: V8 keeps a template as two, and writes JSON of such in twice the time.
  return ["shopper", subject].join(":");
}

/** What happens by itself: time passed, the provider answered, the shop did it, units came free for who waits. */
export const CLOCK_ACTOR = "system:clock";
export const PROVIDER_ACTOR = "system:provider";
export const SHOP_ACTOR = "system:shop";
export const WAITLIST_ACTOR = "system:waitlist";

/** Who brings what time brings. */
export const CLOCK: Actor = { actor: CLOCK_ACTOR, reason: null };
/** Who changes something where nobody was named: tools, and callers of an older version. */
export const NOBODY: Actor = { actor: "system:unknown", reason: null };
