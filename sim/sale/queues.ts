import type { PaymentDue } from "../../domain/purchase/payment.ts";
import {
  consumeDeadPages,
  consumeDeadPayments,
} from "../../workers/purchase/consumers/dead-letters.ts";
import {
  consumeDeadMessages,
  deliverMessages,
} from "../../workers/purchase/consumers/deliver-messages.ts";
import { consumePayments } from "../../workers/purchase/consumers/payments.ts";
import { consumeLedger, type BooksPage } from "../../workers/purchase/consumers/projection.ts";
import type { MailTable, MessageAdapter } from "../../workers/purchase/messages/adapter.ts";
import { startReminders } from "../../workers/purchase/messages/reminders.ts";
import { sendDue, type MessageWork } from "../../workers/purchase/messages/send-due.ts";
import { breakerOf } from "../../workers/purchase/providers/breaker.ts";
import type { PaymentProvider } from "../../workers/purchase/providers/provider.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Caller, Network } from "../platform/network.ts";
import { SimulatedQueue, type Consume, type QueueOptions } from "../platform/queue.ts";
import type { WorkerCaller } from "../platform/worker.ts";

/** What consumers use of the world around them. */
export interface QueuePorts {
  /** The bindings of one invocation. */
  env(worker: WorkerCaller): PurchaseEnv;
  provider(worker: WorkerCaller): PaymentProvider;
  /** How messages reach shoppers. */
  mail(env: PurchaseEnv): MessageAdapter & MailTable;
  /** The consumer of dead letters has handled these. */
  buried(payments: readonly PaymentDue[]): void;
}

/** The queues of the purchase Worker and their consumers, with the settings of its `wrangler.toml`. */
export class Queues {
  readonly #ledger: SimulatedQueue<BooksPage>;
  readonly #payments: SimulatedQueue<PaymentDue>;
  readonly #messages: Record<"high" | "normal" | "low", SimulatedQueue<MessageWork>>;
  readonly #kernel: Kernel;
  readonly #network: Network;
  readonly #ports: QueuePorts;

  constructor(kernel: Kernel, network: Network, ports: QueuePorts) {
    this.#kernel = kernel;
    this.#network = network;
    this.#ports = ports;
    this.#ledger = this.#queue<BooksPage>({
      name: "ledger",
      batchMax: 10,
      consume: async (batch, worker) => {
        const env = ports.env(worker);
        const mail = ports.mail(env);
        await consumeLedger(env, batch, (due) => sendDue(env, due), worker.runtime, mail);
        await startReminders(env, batch);
      },
      dead: this.#queue({
        name: "ledger-dead",
        batchMax: 10,
        redeliveriesMax: 15,
        consume: async (batch, worker) => {
          const env = ports.env(worker);
          const mail = ports.mail(env);
          await consumeDeadPages(env, batch, (due) => sendDue(env, due), worker.runtime, mail);
          await startReminders(env, batch);
        },
      }),
    });
    this.#payments = this.#queue<PaymentDue>({
      name: "payments",
      batchMax: 50,
      consume: (batch, worker) => {
        const breaker = breakerOf(ports.env(worker), worker.runtime);
        return consumePayments(ports.env(worker), batch, ports.provider(worker), breaker);
      },
      dead: this.#queue({
        name: "payments-dead",
        batchMax: 50,
        redeliveriesMax: 10,
        consume: (batch, worker) => this.#bury(batch, worker),
      }),
    });
    const deliver: Consume<MessageWork> = (batch, worker) => {
      const env = ports.env(worker);
      return deliverMessages(env, batch, ports.mail(env), worker.runtime);
    };
    const dead = this.#queue<MessageWork>({
      name: "messages-dead",
      batchMax: 100,
      redeliveriesMax: 10,
      redeliverySeconds: 60,
      consume: (batch, worker) => consumeDeadMessages(ports.env(worker), batch, worker.runtime),
    });
    const often = { batchMax: 100, redeliveriesMax: 10, redeliverySeconds: 30, dead };
    this.#messages = {
      high: this.#queue({ ...often, name: "messages-high", consume: deliver }),
      normal: this.#queue({ ...often, name: "messages-normal", consume: deliver }),
      low: this.#queue({ ...often, name: "messages-low", consume: deliver }),
    };
  }

  /** The bindings of a producer. */
  producers(caller: Caller): object {
    return {
      LEDGER_QUEUE: this.#ledger.producer(caller),
      PAYMENT_QUEUE: this.#payments.producer(caller),
      MESSAGE_QUEUE_HIGH: this.#messages.high.producer(caller),
      MESSAGE_QUEUE_NORMAL: this.#messages.normal.producer(caller),
      MESSAGE_QUEUE_LOW: this.#messages.low.producer(caller),
    };
  }

  #queue<Body>(options: QueueOptions<Body>): SimulatedQueue<Body> {
    return new SimulatedQueue(this.#kernel, this.#network, options);
  }

  async #bury(batch: MessageBatch<PaymentDue>, worker: WorkerCaller): Promise<void> {
    const retried = new Set<Message<PaymentDue>>();
    const messages = batch.messages.map((message) => ({
      ...message,
      retry: (options?: QueueRetryOptions) => {
        retried.add(message);
        message.retry(options);
      },
    }));
    await consumeDeadPayments(this.#ports.env(worker), { ...batch, messages });
    const handled = batch.messages.filter((message) => !retried.has(message));
    this.#ports.buried(handled.map(({ body }) => body));
  }
}
