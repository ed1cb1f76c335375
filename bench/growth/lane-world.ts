import { laneName } from "../../domain/queue/lane.ts";
import type { LaneBatch, LaneReply } from "../../durable-objects/lane-batch.ts";
import { QueueLane, type LaneEnv } from "../../durable-objects/queue-lane.ts";
import { ManualRuntime } from "../../test/system/support/manual-runtime.ts";
import { cloneRows, MARK } from "./clone.ts";
import { SALE_ID } from "./line-world.ts";
import { accepted, answered, anywhere, FAR_MS, type Step, type World } from "./world.ts";

export const LANE_NAME = laneName(SALE_ID, 0);
const LANES = 8;
const TOGETHER = 25;
/** Until a micro-batch leaves. */
const BATCH_MS = 25;
/** 22 characters, as bindings have. */
const PAD = "x".repeat(9);
/** As long as a signed checkpoint is, and an entry of a join. */
const NOTE = "n".repeat(230);
const ENTRY = `{"kind":"joined","binding":"${"0".repeat(64)}","${"e".repeat(90)}":0}`;
/** Between two joins of a lane come those of the others. */
const ENTRIES_APART = 3;
/** The entries of a batch, from that of the first join on. */
const LEAVES = JSON.stringify(
  Object.fromEntries(
    Array.from({ length: TOGETHER }, (_, index) => [ENTRIES_APART * (1 + index), ENTRY]),
  ),
);

/** One lane that keeps the places of so many shoppers. */
export class LaneWorld implements World {
  readonly storage: DurableObjectStorage;
  readonly runtime = new ManualRuntime();
  readonly #lane: QueueLane;
  readonly #tickets: number;
  #names = 0;

  private constructor(state: DurableObjectState, tickets: number) {
    this.storage = state.storage;
    this.#tickets = tickets;
    this.#lane = new QueueLane(state, environment(), this.runtime);
  }

  static async open(state: DurableObjectState, tickets: number): Promise<LaneWorld> {
    const world = new LaneWorld(state, tickets);
    await world.#join(`bought${MARK}`);
    await cloneRows(world.storage, {
      table: "place",
      where: "TRUE",
      count: tickets - 1,
      columns: {
        lane_seq: "t.lane_seq + n.i",
        number: "t.number + n.i",
        state: "CASE WHEN n.i % 2 = 0 THEN 'granted' ELSE 'placed' END",
        log_index: `t.log_index + ${ENTRIES_APART} * (n.i % ${TOGETHER})`,
        checkpoint: `1 + n.i / ${TOGETHER}`,
      },
    });
    await cloneRows(world.storage, {
      table: "checkpoint",
      where: "TRUE",
      count: Math.floor((tickets - 1) / TOGETHER),
      columns: { id: "t.id + n.i", leaves: `'${LEAVES}'` },
    });
    world.storage.sql.exec("UPDATE counter SET lane_seq = ?", tickets);
    return world;
  }

  async turn(turn: number, step: Step): Promise<void> {
    const ada = this.#newcomer(`ada${turn}`);
    const number = await step("join", () => this.#join(ada));
    await step("join, said again", () => this.#join(ada), "changes nothing");
    const crowd = Array.from({ length: TOGETHER }, (_, index) =>
      this.#newcomer(`${turn}-${index}`),
    );
    await step(`${TOGETHER} joins in one batch`, () =>
      Promise.all(crowd.map((name) => this.#join(name))),
    );
    const claim = () => this.#call(this.#lane.claim(`${ada}${PAD}`, number));
    await step("claim", claim);
    await step("claim, asked again", claim, "changes nothing");
    await step("pass renewed", () => this.#call(this.#lane.renew(`${ada}${PAD}`, number, FAR_MS)));
    await step("leave", () => this.#call(this.#lane.leave(`${ada}${PAD}`, number)));
    await step("alarm, nothing lost", () => this.#lane.alarm(), "changes nothing");
  }

  /** A name that comes to stand anywhere among the others. */
  #newcomer(name: string): string {
    this.#names += 1;
    return `bought@${anywhere(this.#names, this.#tickets)}${name}`;
  }

  async #join(name: string): Promise<number> {
    const join = this.#lane.join(`${name}${PAD}`, this.runtime.now(), LANES);
    return (await this.#call(join)).number;
  }

  async #call<Answer extends { ok: boolean }>(call: Promise<Answer>) {
    return accepted(await answered(this.runtime, call, BATCH_MS));
  }
}

/** A sequencer that numbers joins as they come and lets in everyone at once. */
function environment(): LaneEnv {
  const submit = ({ joins, claims, departures, renewals = [] }: LaneBatch): Promise<LaneReply> => {
    const numbers = joins.map(({ laneSeq }) => ({
      laneSeq,
      number: laneSeq,
      logged: { index: ENTRIES_APART * laneSeq, text: ENTRY },
    }));
    const granted = (number: number, expiresAtMs: number) => ({
      number,
      grant: { state: "granted" as const, claimedAtMs: 0, expiresAtMs },
    });
    const grants = [
      ...claims.map((number) => granted(number, FAR_MS)),
      ...departures.map((number) => ({ number, grant: { state: "left" as const } })),
      ...renewals.map(({ number }) => granted(number, FAR_MS + 1)),
    ];
    const checkpoint = joins.length === 0 ? {} : { checkpoint: NOTE };
    return Promise.resolve({ ok: true, numbers, grants, ...checkpoint });
  };
  return { QUEUE_SEQUENCER: { getByName: () => ({ submit }) } } as unknown as LaneEnv;
}
