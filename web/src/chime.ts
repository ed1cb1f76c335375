/** A sound for the shopper's turn: only for who asks for it, made here, no file. */
import { load, save } from "./storage.ts";

const RECORD = "sound";
/** Three notes going up, in hertz: told apart from the one note of a new message. */
const NOTES_HZ = [659.25, 880, 1_318.5] as const;
const NOTE_GAP_SECONDS = 0.16;
const NOTE_SECONDS = 0.9;
const LOUDNESS = 0.22;
/** Sounds fade towards this: an exponential curve never reaches nothing. */
const SILENCE = 0.0001;

/** `waiting`: wanted, but browsers play nothing before the first tap or key on a page. */
export type ChimeState = "off" | "waiting" | "on";

/** The sound of a page. */
export interface Chime {
  state(): ChimeState;
  /** Turns it on, with the sound as an answer, or off; to be called from a click. */
  toggle(): void;
  /** Plays it, if it is wanted and the browser lets it. */
  ring(): void;
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

/** Makes the sound, as this browser last had it; `changed` is called when its state has. */
export function createChime(changed: () => void): Chime {
  let isWanted = load(RECORD, isBoolean) ?? false;
  let context: AudioContext | null = null;
  if (isWanted) {
    // Old records are dropped: this one is used.
    save(RECORD, true);
  }

  const wake = async (): Promise<AudioContext> => {
    context ??= new AudioContext();
    if (context.state !== "running") {
      await context.resume();
      changed();
    }
    return context;
  };

  const ring = async (): Promise<void> => {
    if (isWanted) {
      const awake = await wake();
      for (const [index, hertz] of NOTES_HZ.entries()) {
        strike(awake, hertz, awake.currentTime + index * NOTE_GAP_SECONDS);
      }
    }
  };

  for (const gesture of ["pointerup", "keydown"] as const) {
    addEventListener(gesture, () => void (isWanted && wake()), { passive: true, capture: true });
  }
  return {
    state() {
      if (!isWanted) {
        return "off";
      }
      return context?.state === "running" ? "on" : "waiting";
    },
    toggle() {
      isWanted = !isWanted;
      save(RECORD, isWanted);
      changed();
      void ring();
    },
    ring: () => void ring(),
  };
}

function strike(context: AudioContext, hertz: number, atSeconds: number): void {
  const tone = new OscillatorNode(context, { type: "sine", frequency: hertz });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.setValueAtTime(SILENCE, atSeconds);
  volume.gain.exponentialRampToValueAtTime(LOUDNESS, atSeconds + 0.02);
  volume.gain.exponentialRampToValueAtTime(SILENCE, atSeconds + NOTE_SECONDS);
  tone.connect(volume).connect(context.destination);
  tone.start(atSeconds);
  tone.stop(atSeconds + NOTE_SECONDS);
}
