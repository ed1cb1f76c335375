/** Whether somebody is at the page: by what they do, since a page that is merely open proves nothing. */

/** No `scroll`: a page also scrolls by itself, when what it shows gets shorter. */
const SIGNS = ["pointerdown", "pointermove", "keydown", "touchstart", "wheel"] as const;

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
  return (
    event instanceof PointerEvent &&
    event.type === "pointermove" &&
    event.movementX === 0 &&
    event.movementY === 0
  );
}
