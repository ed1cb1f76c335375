import { z } from "@hono/zod-openapi";

/** A signed note (https://c2sp.org/tlog-checkpoint). */
export const CheckpointText = z.string().openapi({
  example: "ropeline.example/sales/drop\n3\ny2zP…=\n\n— ropeline.example/sales/drop 1a2b…=\n",
});

/** Hashes of 32 bytes, or entries with their length before each (https://c2sp.org/tlog-tiles). */
export const TileBytes = z
  .custom<Uint8Array<ArrayBuffer>>()
  .openapi({ type: "string", format: "binary" });

/** Keys by which checkpoints are verified, one a line (https://c2sp.org/signed-note). */
export const KeysText = z.string();
