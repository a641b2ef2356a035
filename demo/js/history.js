// Undo and redo: whole pictures, as they are small.

const MOST_BYTES = 64 * 2 ** 20;

export class History {
  #past = [];
  #future = [];

  /** `current` is the picture as it stands; pictures handed in are never changed afterwards. */
  constructor(current) {
    this.current = current;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  commit(picture) {
    this.#past.push(this.current);
    this.#future = [];
    this.current = picture;
    const most = Math.max(20, Math.floor(MOST_BYTES / picture.data.length));
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
