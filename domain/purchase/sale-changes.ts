import { refuse, type FieldError, type Refusal } from "../problem.ts";
import { REVOKED_MAX_NUMBERS } from "../queue/settings.ts";
import type { SaleControl } from "./sale.ts";

/** What an admin changes about a sale that has been defined; what is left out stays. */
export interface SaleChanges {
  name?: string;
  startsAtMs?: number;
  endsAtMs?: number;
  /** A draft is scheduled; there is no way back. */
  draft?: false;
}

/**
 * The control after an admin's changes; the same one when they are in effect already, so that a repeat
 * changes nothing. A start moves until it has come (`isDrawn`: places were drawn at it), an end until it has
 * come, to a later time than now; a draft has neither yet. A start in the past has come at once.
 */
export function changeControl(
  control: SaleControl,
  changes: SaleChanges,
  isDrawn: boolean,
  nowMs: number,
): SaleControl | Refusal {
  const { startsAtMs = control.startsAtMs, endsAtMs = control.endsAtMs, draft } = changes;
  const isDraft = control.mode === "draft";
  const mode = isDraft && draft === false ? "open" : control.mode;
  const movesStart = startsAtMs !== control.startsAtMs;
  const movesEnd = endsAtMs !== control.endsAtMs;
  if (!movesStart && !movesEnd && mode === control.mode) return control;

  const conflicts: FieldError[] = [];
  const hasEnded = control.mode === "ended" || (!isDraft && nowMs >= control.endsAtMs);
  const hasStarted = isDrawn || (!isDraft && nowMs >= control.startsAtMs);
  if (movesStart && (hasEnded || hasStarted))
    conflicts.push({ path: "startsAt", message: "The start has come." });
  if (movesEnd && hasEnded) conflicts.push({ path: "endsAt", message: "The sale has ended." });
  const errors: FieldError[] = [];
  if (startsAtMs >= endsAtMs)
    errors.push(
      movesEnd
        ? { path: "endsAt", message: "has to be after startsAt" }
        : { path: "startsAt", message: "has to be before endsAt" },
    );
  else if ((movesEnd || mode !== control.mode) && nowMs >= endsAtMs)
    errors.push({ path: "endsAt", message: "has to be later than now" });
  if (conflicts.length > 0) {
    const [{ message: detail } = { message: "" }] = conflicts;
    return refuse("order_state_conflict", { detail, errors: [...conflicts, ...errors] });
  }
  if (errors.length > 0) return refuse("validation_failed", { errors });
  return { ...control, mode, startsAtMs, endsAtMs, version: control.version + 1 };
}

/** The control with one more number whose place was taken back; the same one on a repeat. */
export function revokeNumber(control: SaleControl, number: number): SaleControl | Refusal {
  const { revoked = [], version } = control;
  if (revoked.includes(number)) return control;
  if (revoked.length >= REVOKED_MAX_NUMBERS)
    return refuse("validation_failed", {
      errors: [{ path: "number", message: `${REVOKED_MAX_NUMBERS} are revoked already.` }],
    });
  return { ...control, version: version + 1, revoked: [...revoked, number] };
}
