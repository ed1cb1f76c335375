import type { VerifierKey } from "../log/note.ts";

/** What a log's server published, as it was fetched or saved: nothing of it is judged yet. */
export interface LogCopy {
  /** The address that it was fetched from. */
  from: string;
  /** When, by the clock of whoever fetched it. */
  savedAt: string;
  /** The keys that the same address told. */
  keys: readonly VerifierKey[];
  checkpoint: string;
  entries: readonly Uint8Array[];
  /** Tiles of hashes by their path. */
  tiles: ReadonlyMap<string, Uint8Array>;
  /** Whether it comes from the server now: what is newer than it is missing. */
  isLive: boolean;
}
