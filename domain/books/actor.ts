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

/** Who changes something where nobody was named: tools, and callers of an older version. */
export const NOBODY: Actor = { actor: "system:unknown", reason: null };
/** Who brings what time brings. */
export const CLOCK: Actor = { actor: "system:clock", reason: null };
