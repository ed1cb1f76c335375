/** The objects whose commands may not cost more as they fill. */
export const KINDS = ["item", "line", "lane"] as const;

export type Kind = (typeof KINDS)[number];

/** Turns that are timed side by side. */
export const TIMED_TURNS = 10;
