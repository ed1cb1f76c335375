import type { SaleControl } from "../purchase/sale.ts";
import type { LiveControls, QueueSettings } from "../queue/settings.ts";
import type { Shuffle } from "../queue/shuffle.ts";
import type { LogControls, LogEvent, LogTerms } from "./leaf.ts";

/** The terms of a sale as its log tells them: all but what only the machinery has to know. */
export function logTerms(
  { lanes: _lanes, publicRandomness, ...queue }: QueueSettings,
  { mode, startsAtMs, endsAtMs }: SaleControl,
  shuffle: Shuffle | null,
): LogTerms {
  return {
    mode,
    startsAtMs,
    endsAtMs,
    ...queue,
    seedHash: shuffle?.seedHash ?? null,
    drawsMax: shuffle?.drawsMax ?? 0,
    publicRandomness: (shuffle && publicRandomness) ?? null,
  };
}

/** What the log tells of a change of the sale's control: nothing of a place that is taken back. */
export function controlNews(before: SaleControl, after: SaleControl): LogEvent | null {
  const { mode, startsAtMs, endsAtMs } = after;
  const isNews =
    mode !== before.mode || startsAtMs !== before.startsAtMs || endsAtMs !== before.endsAtMs;
  return isNews ? { kind: "controlled", mode, startsAtMs, endsAtMs } : null;
}

/** What the log tells of a change of how the line is led: nothing of what decides nobody's place. */
export function leadNews(before: LiveControls, after: LiveControls): LogEvent | null {
  const controls = logControls(after);
  const isNews = JSON.stringify(controls) !== JSON.stringify(logControls(before));
  return isNews ? { kind: "led", controls } : null;
}

function logControls(controls: LiveControls): LogControls {
  const { newUsersPerMinute, totalActiveUsers, queueAll, suspended, draining } = controls;
  const { sessionDurationSeconds, disableSessionRenewal } = controls;
  return {
    newUsersPerMinute,
    totalActiveUsers,
    sessionDurationSeconds,
    disableSessionRenewal,
    queueAll,
    suspended,
    draining,
  };
}
