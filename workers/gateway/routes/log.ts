import { parseTilePath } from "../../../domain/log/tile.ts";
import { setHeader } from "../answer.ts";
import { endpoint } from "../endpoint.ts";
import { callerOf, type GatewayContext } from "../gateway.ts";
import { requireSale } from "../lookups.ts";
import { refused } from "../problems.ts";
import { CheckpointText, KeysText, TileBytes } from "../schemas/log.ts";

const TEXT_MEDIA_TYPE = "text/plain; charset=utf-8";
/** As young as the isolate's own copy. */
const CHECKPOINT_MAX_AGE_SECONDS = 1;
/** A year, the longest that caches are asked for. */
const TILE_MAX_AGE_SECONDS = 31_536_000;
/** A new key signs at once: readers must not wait long for it. */
const KEYS_MAX_AGE_SECONDS = 60;

/** Anybody's page may read it: who checks us need not be us. */
function openToAll(c: GatewayContext): void {
  setHeader(c, "Access-Control-Allow-Origin", "*");
}

const NO_LOG = "The sale is from before there were public logs.";

/** The newest signed head of a sale's log. */
export const getCheckpoint = endpoint(
  {
    tag: "Fairness",
    summary: "The newest signed head of the sale's public log (C2SP tlog-checkpoint)",
    statuses: [200],
    answer: CheckpointText,
    mediaType: TEXT_MEDIA_TYPE,
    maxAgeSeconds: CHECKPOINT_MAX_AGE_SECONDS,
    problems: ["not_found", "busy"],
  },
  async (c) => {
    openToAll(c);
    const { definition } = await requireSale(c);
    const note = await c.get("gateway").logs.checkpoint(callerOf(c), definition.saleId);
    if (note === null) throw refused("not_found", { detail: NO_LOG });
    return note;
  },
);

/** A part of a sale's log. The path is judged before anything is asked. */
export const getTile = endpoint(
  {
    tag: "Fairness",
    summary:
      "A tile of the log (C2SP tlog-tiles): `<level>/<n>` are hashes, `entries/<n>` the entries under them, `….p/<width>` what is not full",
    statuses: [200],
    answer: TileBytes,
    mediaType: "application/octet-stream",
    maxAgeSeconds: TILE_MAX_AGE_SECONDS,
    isImmutable: true,
    problems: ["not_found", "busy"],
  },
  async (c) => {
    openToAll(c);
    const name = parseTilePath(`tile/${c.req.param("tile") ?? ""}`);
    if (!name) throw refused("not_found", { detail: "This is not the name of a tile." });
    const { definition } = await requireSale(c);
    const bytes = await c.get("gateway").logs.tile(callerOf(c), definition.saleId, name);
    if (!bytes) throw refused("not_found", { detail: "The log has no such tile." });
    return bytes;
  },
);

/** The keys that sign a sale's log, those of before among them. */
export const getKeys = endpoint(
  {
    tag: "Fairness",
    summary: "Keys that sign the heads of the sale's log, one a line (C2SP signed-note)",
    statuses: [200],
    answer: KeysText,
    mediaType: TEXT_MEDIA_TYPE,
    maxAgeSeconds: KEYS_MAX_AGE_SECONDS,
    problems: ["not_found"],
  },
  async (c) => {
    openToAll(c);
    const { definition } = await requireSale(c);
    const keys = await c.env.WAITING_ROOM.logKeys(definition.saleId);
    return keys.map((key) => `${key}\n`).join("");
  },
);
