/**
 * A session slides at most until six of its durations after the claim: with the default of five minutes
 * that is the half hour which Cloudflare Waiting Room allows at most. A page that never closes keeps no place.
 */
const SESSIONS_MAX = 6;
/** A session is renewed once this share of it is over: not with every look. */
const RENEW_AFTER_SHARE = 0.5;

/** A stay inside: when it was granted and when it ends. */
export interface Session {
  claimedAtMs: number;
  expiresAtMs: number;
}

/**
 * Until when a session may be renewed now; `null` when there is nothing to gain: the first half is not
 * over, the session is, or it has been renewed as far as it can be.
 */
export function renewedUntilMs(
  { claimedAtMs, expiresAtMs }: Session,
  sessionDurationSeconds: number,
  nowMs: number,
): number | null {
  const sessionMs = sessionDurationSeconds * 1_000;
  const renewsFromMs = expiresAtMs - RENEW_AFTER_SHARE * sessionMs;
  if (nowMs < renewsFromMs || nowMs >= expiresAtMs) return null;
  const untilMs = Math.min(nowMs + sessionMs, claimedAtMs + SESSIONS_MAX * sessionMs);
  return untilMs > expiresAtMs ? untilMs : null;
}
