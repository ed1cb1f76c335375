/**
 * The value of a JSON column that is read on every event and seldom written: parsed anew only when its text is
 * another one. What is read is the row; only the parsing is saved.
 */
export class ParsedText<Value extends object> {
  #text: string | null = null;
  #value: Value | null = null;

  /**
   * The value of a text: the same object for the same text, which nobody may change.
   *
   * @param whole adds what texts of before do not have.
   */
  of(text: string, whole?: (read: Partial<Value>) => Value): Value {
    if (this.#value === null || text !== this.#text) {
      const read = JSON.parse(text) as Value;
      this.#value = whole ? whole(read) : read;
      this.#text = text;
    }
    return this.#value;
  }

  /** The text of a value, which is to be written, and known when it is read again. */
  write(value: Value): string {
    this.#text = JSON.stringify(value);
    this.#value = value;
    return this.#text;
  }
}
