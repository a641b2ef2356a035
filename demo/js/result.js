// The result: runs the model on the newest drawing, and shows what came out, with the input or the target pulled over it by a slider.

import { copy, show } from "./picture.js";
import { Runner } from "./runner.js";

export class Result {
  input; // of the newest run
  picture; // its output; neither before the first run
  #runner = new Runner();
  #model;
  #loaded;
  #target;
  #seed;
  #working = false;
  #wanted = false;

  /** `on.ask()` gives what to run on, { picture, seed }; `on.perform(act)` does what can fail; `on.done(milliseconds, before)` follows each run,
   * with the output before it if that differed in nothing but the seed. `on.tell(done, total)` says how far a model has come, in bytes, `on.arrived()` that it is there. */
  constructor({ stage, sheet, canvas, over, slider }, on) {
    Object.assign(this, { stage, sheet, canvas, over, slider, on });
    slider.addEventListener("input", () => this.#pull());
    this.#pull();
  }

  /** Fetch a model; a failure is reported by the run that waits for it. */
  load(model) {
    this.#model = model;
    this.input = this.picture = undefined;
    const newest = (act) => (...given) => model === this.#model && act(...given);
    const tell = newest(this.on.tell);
    tell(0, model.bytes);
    this.#loaded = this.#runner.load(model, tell).finally(newest(this.on.arrived));
    this.#loaded.catch(() => {});
  }

  /** Run the model on what is drawn now. Asked again while it runs, it runs once more, on the newest drawing. */
  async run() {
    this.#wanted = true;
    if (this.#working) return;
    this.#working = true;
    this.stage.setAttribute("aria-busy", "true");
    await this.on.perform(async () => {
      while (this.#wanted) {
        this.#wanted = false;
        await this.#once();
      }
    });
    this.#working = this.#wanted = false;
    this.stage.removeAttribute("aria-busy");
  }

  get waiting() {
    return this.#wanted;
  }

  /** Pull this target over the result, and no longer the input; undefined: the input again, pushed back to the edge. */
  against(target) {
    if (target === this.#target) return;
    this.#target = target;
    this.slider.value = target ? 100 : 0;
    this.#draw();
  }

  async #once() {
    const model = this.#model;
    await this.#loaded;
    if (model !== this.#model) return void (this.#wanted = true);
    const { picture, seed } = this.on.ask();
    const made = await this.#runner.run(copy(picture), seed);
    if (model !== this.#model) return void (this.#wanted = true);
    const before = picture === this.input && seed !== this.#seed ? this.picture : undefined;
    this.input = picture;
    this.picture = made.picture;
    this.#seed = seed;
    this.#draw();
    this.stage.dataset.runs = String(Number(this.stage.dataset.runs ?? 0) + 1);
    this.on.done(Math.max(1, Math.round(made.milliseconds)), before);
  }

  #draw() {
    if (!this.picture) return;
    this.sheet.style.setProperty("--ratio", this.picture.width / this.picture.height);
    show(this.over, this.#target ?? this.input);
    show(this.canvas, this.picture);
    this.slider.disabled = false;
    this.#pull();
  }

  #pull() {
    this.sheet.style.setProperty("--wipe", `${this.slider.value}%`);
    this.sheet.dataset.wiped = this.slider.value;
    this.slider.setAttribute("aria-valuetext", `${this.slider.value} % of the width shows the ${this.#target ? "target" : "input"}`);
  }
}
