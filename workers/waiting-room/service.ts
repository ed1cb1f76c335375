import { WorkerEntrypoint } from "cloudflare:workers";
import type { SaleFairness } from "../../domain/fairness/report.ts";
import { logOrigin, parseLogKeys, verifierKey } from "../../domain/log/note.ts";
import { parseTilePath } from "../../domain/log/tile.ts";
import { laneName } from "../../domain/queue/lane.ts";
import type { Board } from "../../domain/queue/board.ts";
import type { Refusal } from "../../domain/problem.ts";
import type { LiveControls } from "../../domain/queue/settings.ts";
import type { Actor } from "../../domain/books/actor.ts";
import type { TrailEntry } from "../../domain/books/trail.ts";
import type { LogPage } from "../../durable-objects/sale-log.ts";
import { systemRuntime } from "../../durable-objects/runtime.ts";
import type { SequencerStats } from "../../durable-objects/sequencer-stats.ts";
import { FairnessReports } from "./fairness-reports.ts";

/** Shared by the requests of an isolate. */
const reports = new FairnessReports(systemRuntime);

/** An entry of a sale's chain as gateways of the version before read it. */
interface AuditEntry extends Pick<Actor, "actor" | "reason"> {
  sequence: number;
  atMs: number;
  /** What was done, as JSON. */
  action: string;
}

/** What the queue's objects served. */
export interface QueueStats {
  sequencer: SequencerStats;
  /** Calls by kind, summed over the lanes. */
  lanes: Record<string, number>;
}

/** What the other Workers ask of the queue beside the hot calls, which go to the lanes themselves. */
export class WaitingRoomService extends WorkerEntrypoint<WaitingRoomEnv> {
  /** The board of a sale; `null` when there is no such sale. */
  board(saleId: string): Promise<Board | null> {
    return this.env.QUEUE_SEQUENCER.getByName(saleId).board();
  }

  /** Changes how a sale's line is led. */
  adjust(
    saleId: string,
    changes: Partial<LiveControls>,
    by: Actor,
  ): Promise<{ ok: true; controls: LiveControls } | Refusal> {
    return this.env.QUEUE_SEQUENCER.getByName(saleId).adjust(changes, by);
  }

  /** Takes the public random value that a sale has named. */
  bringRandomness(saleId: string, value: string, by: Actor): Promise<{ ok: true } | Refusal> {
    return this.env.QUEUE_SEQUENCER.getByName(saleId).bringRandomness(value, by);
  }

  /** A sale's chain after `sequence`, for gateways of the version before; this one reads `BooksService`. */
  async audit(saleId: string, sequence: number): Promise<AuditEntry[]> {
    const { rows } = await this.env.QUEUE_SEQUENCER.getByName(saleId).chain(sequence);
    return rows.map(({ text }) => {
      const { sequence, atMs, actor, reason, detail } = JSON.parse(text) as TrailEntry;
      return { sequence, atMs, actor, reason, action: JSON.stringify(detail) };
    });
  }

  /** Counters and calls of a sale's queue, for admins; `null` when there is no such sale. */
  async stats(saleId: string, lanes: number): Promise<QueueStats | null> {
    const sequencer = await this.env.QUEUE_SEQUENCER.getByName(saleId).stats();
    if (!sequencer) return null;
    const counted = await Promise.all(
      Array.from({ length: lanes }, (_, lane) =>
        this.env.QUEUE_LANE.getByName(laneName(saleId, lane)).stats(),
      ),
    );
    const total: Record<string, number> = {};
    for (const calls of counted)
      for (const [kind, count] of Object.entries(calls)) total[kind] = (total[kind] ?? 0) + count;
    return { sequencer, lanes: total };
  }

  /** The newest checkpoint of a sale's public log, signed; `null` where there is none. */
  logCheckpoint(saleId: string): Promise<string | null> {
    return this.env.QUEUE_SEQUENCER.getByName(saleId).checkpoint();
  }

  /** A tile of a sale's public log by its path; `null` for what no checkpoint covers and for other paths. */
  async logTile(saleId: string, path: string): Promise<Uint8Array | null> {
    const name = parseTilePath(path);
    return name && this.env.QUEUE_SEQUENCER.getByName(saleId).tile(name);
  }

  /** The keys that sign a sale's checkpoints or have signed them (C2SP signed-note), the newest first. */
  logKeys(saleId: string): string[] {
    const { LOG_KEYS, LOG_SHOP } = this.env;
    const origin = logOrigin(LOG_SHOP, saleId);
    return [...parseLogKeys(LOG_KEYS).values()].map((key) => verifierKey(origin, key));
  }

  /** Entries of a sale's public log from `first` on, a page at most; `null` where there is no log. */
  logEntries(saleId: string, first: number, count: number): Promise<LogPage | null> {
    return this.env.QUEUE_SEQUENCER.getByName(saleId).logEntries(first, count);
  }

  /** How fair a sale is or was, from its public log; `null` where there is none. */
  fairness(saleId: string): Promise<SaleFairness | null> {
    return reports.report(saleId, this.env.QUEUE_SEQUENCER.getByName(saleId));
  }

  /** Whether the Worker answers. */
  ready(): boolean {
    return true;
  }
}
