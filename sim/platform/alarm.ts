import type { ScheduledEvent } from "../kernel/scheduler.ts";
import type { Host, Incarnation } from "./incarnation.ts";

/** An alarm comes this soon; a late one "can be delayed by up to a minute" (docs: api/alarms). */
const ALARM_JITTER_US = 20_000;
const ALARM_LATE_MAX_US = 60_000_000;
/** A failed alarm is tried again after 2 s, doubled each time, six times (docs: api/alarms). */
const RETRY_US = 2_000_000;
const RETRIES_MAX = 6;
/** An alarm that comes twice does so within this time. */
const AGAIN_MAX_US = 5_000_000;

/**
 * The one alarm of an object: comes at least once, perhaps late, again when its handler throws or the
 * object goes under (developers.cloudflare.com/durable-objects/api/alarms, workerd's
 * `src/workerd/server/alarm-scheduler.c++`).
 */
export class Alarm {
  readonly #host: Host;
  /** The incarnation to run the handler in, woken if need be. */
  readonly #wake: () => Incarnation;
  #scheduled: { event: ScheduledEvent; atMs: number } | null = null;
  #isRunning = false;
  #retries = 0;
  /**
   * A time that is stored and was handled: a handler that set the time that it came at has changed
   * nothing, and nobody hears of it (workerd: `SqliteMetadata::setAlarm`).
   */
  #forgottenAtMs: number | null = null;

  constructor(host: Host, wake: () => Incarnation) {
    this.#host = host;
    this.#wake = wake;
  }

  /** To be called when what is stored may have changed; an alarm that is being handled is waited for. */
  sync(): void {
    const atMs = this.#host.storage.alarmAtMs();
    if (this.#isRunning || this.#scheduled?.atMs === atMs) return;
    if (atMs !== this.#forgottenAtMs) this.#forgottenAtMs = null;
    if (this.#scheduled) this.#scheduled.event.cancelled = true;
    this.#scheduled = null;
    if (atMs !== null && atMs !== this.#forgottenAtMs) this.#schedule(atMs, 0);
  }

  /** The object went under: a handler that ran did not end. */
  lost(): void {
    this.#isRunning = false;
    this.sync();
  }

  #schedule(atMs: number, afterUs: number): void {
    const { kernel, node, dice } = this.#host;
    const dueUs = (atMs - kernel.clockOffsetMs(node)) * 1000 - kernel.scheduler.nowUs;
    const lateUs = kernel.faults.happens("alarm.late") ? ALARM_LATE_MAX_US : ALARM_JITTER_US;
    const delayUs = Math.max(dueUs, afterUs) + dice.int(0, lateUs);
    const event = kernel.scheduler.schedule(delayUs, () => {
      this.#scheduled = null;
      // The object's clock may have been put back: no handler runs before its time.
      if (kernel.nowMs(node) < atMs) return this.#schedule(atMs, 0);
      this.#isRunning = true;
      this.#ring(atMs);
    });
    this.#scheduled = { event, atMs };
  }

  #ring(atMs: number): void {
    const { storage, kernel, node, dice } = this.#host;
    const incarnation = this.#wake();
    incarnation.deliver(() => {
      // Set anew in the meantime: the handler that was to run is not the one that is wanted.
      if (storage.alarmAtMs() !== atMs) return this.#ended();
      kernel.note(`${node}.alarm()`);
      storage.beginAlarm();
      incarnation.exposed();
      void incarnation.run("alarm", []).then((settled) => {
        if (!incarnation.isAlive) return;
        const { ok } = settled;
        if (!ok) this.#host.threw(settled.error);
        storage.endAlarm(ok);
        if (ok && storage.alarmAtMs() === atMs) this.#forgottenAtMs = atMs;
        if (ok || storage.alarmAtMs() !== atMs) this.#retries = 0;
        if (ok || !this.#retry(atMs)) this.#ended();
        if (ok && kernel.faults.happens("alarm.doubled"))
          kernel.scheduler.schedule(dice.int(0, AGAIN_MAX_US), () => this.#ringAgain());
      });
    });
  }

  #ended(): void {
    this.#isRunning = false;
    this.#host.storage.whenDurable(() => this.sync());
  }

  /** Schedules a failed handler again; `false` when it was set anew or has failed too often. */
  #retry(atMs: number): boolean {
    const { storage } = this.#host;
    if (storage.alarmAtMs() !== atMs) return false;
    if (this.#retries >= RETRIES_MAX) {
      void storage.deleteAlarm();
      return false;
    }
    this.#isRunning = false;
    this.#schedule(atMs, RETRY_US * 2 ** this.#retries);
    this.#retries += 1;
    return true;
  }

  #ringAgain(): void {
    const { kernel, node } = this.#host;
    if (this.#isRunning) return;
    const incarnation = this.#wake();
    incarnation.deliver(() => {
      kernel.note(`${node}.alarm() again`);
      void incarnation.run("alarm", []);
    });
  }
}
