// Undo and redo: every step of a drawing, with its whole picture, as they are small.

const MOST_BYTES = 64 * 2 ** 20;

export class History {
  #past = [];
  #future = [];

  /** `current` is the newest step, { picture, … }; steps handed in are never changed afterwards. */
  constructor(current) {
    this.current = current;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  commit(step) {
    this.#past.push(this.current);
    this.#future = [];
    this.current = step;
    const most = Math.max(20, Math.floor(MOST_BYTES / step.picture.data.length));
    if (this.#past.length > most) this.#past.shift();
  }

  undo() {
    this.#move(this.#past, this.#future);
  }

  redo() {
    this.#move(this.#future, this.#past);
  }

  #move(from, to) {
    if (!from.length) return;
    to.push(this.current);
    this.current = from.pop();
  }
}
