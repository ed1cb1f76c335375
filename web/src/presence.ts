/** Whether somebody is at the page: by what they do, since a page that is merely open proves nothing. */

/** `click` for readers that press without key or pointer. No `scroll`: a page also scrolls by itself. */
const SIGNS = ["pointerdown", "pointermove", "click", "keydown", "touchstart", "wheel"] as const;

/** Notices a shopper. */
export interface Presence {
  /** Whether the shopper has done anything since the last `rest`. */
  isSeen(): boolean;
  /** Forgets what was seen. */
  rest(): void;
}

/** Starts noticing; `seen` is called at the first sign after a rest. */
export function createPresence(seen: () => void): Presence {
  let isSeen = false;
  const notice = (event: Event): void => {
    if (!isSeen && !isStill(event)) {
      isSeen = true;
      seen();
    }
  };
  for (const sign of SIGNS) {
    addEventListener(sign, notice, { passive: true, capture: true });
  }
  return {
    isSeen: () => isSeen,
    rest: () => {
      isSeen = false;
    },
  };
}

/** Browsers also report a pointer under which the page has moved. */
function isStill(event: Event): boolean {
  const { movementX, movementY } = event as PointerEvent;
  return event.type === "pointermove" && movementX === 0 && movementY === 0;
}
