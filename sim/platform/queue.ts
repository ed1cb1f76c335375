import type { Dice } from "../kernel/dice.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { copied } from "./copy.ts";
import { infrastructureError, type Caller, type Network } from "./network.ts";
import { WorkerCaller } from "./worker.ts";

/** A message reaches a consumer this soon; a late one within the second bound. */
const DELIVERY_MAX_US = 500_000;
const DELIVERY_LATE_MAX_US = 30_000_000;
/** In a storm a queue delivers every message so many times, for this long. */
const STORM_COPIES = 5;
const STORM_US = 30_000_000;
/** A batch whose consumer failed or died comes again after this, this many times, unless the queue says otherwise. */
const REDELIVERY_SECONDS = 2;
const REDELIVERIES_MAX = 3;
/** A consumer that is to die does so within this time. */
const DEATH_MAX_US = 50_000;

export type Consume<Body> = (batch: MessageBatch<Body>, worker: WorkerCaller) => Promise<void>;

/** What a queue is made of, as its consumer's settings say. */
export interface QueueOptions<Body> {
  name: string;
  batchMax: number;
  consume: Consume<Body>;
  /** Where what was tried in vain goes. */
  dead?: SimulatedQueue<Body>;
  redeliveriesMax?: number;
  redeliverySeconds?: number;
}

/**
 * A queue as its users have to take it: messages may come late, twice, out of order or never
 * (docs: queues/reference/delivery-guarantees). What a consumer fails at to the last try goes to the
 * queue of dead letters; where there is none it is lost.
 */
export class SimulatedQueue<Body> {
  readonly #kernel: Kernel;
  readonly #network: Network;
  readonly #dice: Dice;
  readonly #name: string;
  readonly #batchMax: number;
  readonly #consume: Consume<Body>;
  readonly #dead: SimulatedQueue<Body> | null;
  readonly #redeliveriesMax: number;
  readonly #redeliverySeconds: number;
  #ready: Body[] = [];
  #isGathering = false;
  #stormUntilUs = 0;

  constructor(kernel: Kernel, network: Network, options: QueueOptions<Body>) {
    this.#kernel = kernel;
    this.#network = network;
    this.#dice = kernel.dice.fork(`queue/${options.name}`);
    this.#name = options.name;
    this.#batchMax = options.batchMax;
    this.#consume = options.consume;
    this.#dead = options.dead ?? null;
    this.#redeliveriesMax = options.redeliveriesMax ?? REDELIVERIES_MAX;
    this.#redeliverySeconds = options.redeliverySeconds ?? REDELIVERY_SECONDS;
  }

  /** The binding of a producer. */
  producer(caller: Caller): Pick<Queue<Body>, "send" | "sendBatch"> {
    return {
      send: (body: Body) => this.#send(caller, [body]),
      sendBatch: (messages: Iterable<MessageSendRequest<Body>>) =>
        this.#send(
          caller,
          Array.from(messages, ({ body }) => body),
        ),
    } as Pick<Queue<Body>, "send" | "sendBatch">;
  }

  #send(caller: Caller, bodies: Body[]): Promise<unknown> {
    const sent = copied(bodies);
    return this.#network.exchange(
      caller,
      `queue/${this.#name}`,
      `queue/${this.#name}`,
      (answer) => {
        if (this.#kernel.faults.happens("queue.refused"))
          return answer({
            ok: false,
            error: infrastructureError("Queue send failed: Too Many Requests"),
          });
        for (const body of sent) this.#accept(body);
        answer({ ok: true, value: undefined });
      },
    );
  }

  #accept(body: Body): void {
    const { faults } = this.#kernel;
    if (faults.happens("queue.lost"))
      return this.#kernel.note(`queue/${this.#name} loses a message`);
    if (this.#dead && faults.happens("queue.poisoned")) return this.#die([body]);
    const isStorming = this.#isStorming();
    const copies = isStorming ? STORM_COPIES : faults.happens("queue.doubled") ? 2 : 1;
    for (let copy = 0; copy < copies; copy++)
      this.#deliverLater(body, isStorming || faults.happens("queue.late"));
  }

  #isStorming(): boolean {
    const { scheduler, faults } = this.#kernel;
    if (faults.happens("queue.storm")) this.#stormUntilUs = scheduler.nowUs + STORM_US;
    return scheduler.nowUs < this.#stormUntilUs;
  }

  #deliverLater(body: Body, isLate: boolean): void {
    const { scheduler } = this.#kernel;
    const maxUs = isLate ? DELIVERY_LATE_MAX_US : DELIVERY_MAX_US;
    scheduler.schedule(this.#dice.int(0, maxUs), () => {
      this.#ready.push(body);
      if (this.#isGathering) return;
      this.#isGathering = true;
      scheduler.schedule(this.#dice.int(0, DELIVERY_MAX_US), () => this.#handOut());
    });
  }

  #handOut(): void {
    this.#isGathering = false;
    while (this.#ready.length > 0) this.#run(this.#ready.splice(0, this.#batchMax), 0);
  }

  #run(bodies: Body[], redeliveries: number): void {
    const { scheduler, faults } = this.#kernel;
    const worker = new WorkerCaller(this.#kernel, `consumer/${this.#name}`);
    const again = (failed: Body[], delaySeconds = this.#redeliverySeconds): void => {
      if (redeliveries >= this.#redeliveriesMax) return this.#die(failed);
      scheduler.schedule(delaySeconds * 1_000_000, () => this.#run(failed, redeliveries + 1));
    };
    if (faults.happens("consumer.crashed"))
      scheduler.schedule(this.#dice.int(0, DEATH_MAX_US), () => {
        worker.kill();
        again(bodies);
      });
    this.#kernel.note(`consumer/${this.#name} takes ${bodies.length}`);
    const retried = new Map<Body, number | undefined>();
    const messages = bodies.map((body, index) => ({
      id: `${this.#name}/${index}`,
      attempts: redeliveries + 1,
      body: copied(body),
      retry: ({ delaySeconds }: QueueRetryOptions = {}) => {
        retried.set(body, delaySeconds);
      },
    }));
    const batch = { queue: this.#name, messages } as unknown as MessageBatch<Body>;
    this.#consume(batch, worker).then(
      () => {
        for (const [body, delaySeconds] of retried) again([body], delaySeconds);
      },
      (error: unknown) => {
        this.#kernel.note(`consumer/${this.#name} failed: ${String(error)}`);
        again(bodies);
      },
    );
  }

  #die(bodies: Body[]): void {
    this.#kernel.note(`queue/${this.#name} gives up ${bodies.length}`);
    const dead = this.#dead;
    if (!dead) return;
    const isLate = this.#kernel.faults.happens("queue.late");
    for (const body of bodies) dead.#deliverLater(body, isLate);
  }
}
