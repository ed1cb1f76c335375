/**
 * The value of a JSON column that is read on every event and seldom written: parsed anew only when its text is
 * another one. What is read is the row; only the parsing is saved.
 */
export class ParsedText<Value extends object> {
  #text: string | null = null;
  #value: Value | null = null;

  /** The value of a text: the same object for the same text, which nobody may change. */
  of(text: string): Value {
    if (this.#value === null || text !== this.#text) {
      this.#value = JSON.parse(text) as Value;
      this.#text = text;
    }
    return this.#value;
  }
}
