// The page's side of the worker: one model at a time, one answer for each question.

import { bytesOf, moduleOf, workerOf } from "./files.js";
import { fromRgb, toRgb } from "./picture.js";

const RUNTIME = "vendor/ort.wasm.bundle.min.mjs";
const WASM = "vendor/ort-wasm-simd-threaded.wasm";

export class Runner {
  #worker;
  #started;
  #waiting = new Map();
  #questions = 0;

  /** Load a model; `tell(done, total)` in bytes, the runtime's counted with the first model. */
  async load(model, tell) {
    let got = 0;
    if (!this.#started) this.#started = this.#start((done, total) => tell((got = done), total + model.bytes));
    await this.#started;
    const bytes = await bytesOf(model.file, (done, total) => tell(got + done, got + total));
    await this.#ask("load", { model: bytes }, [bytes]);
  }

  /** The network's output for a picture, of the same size; { picture, milliseconds }. */
  async run(picture, seed) {
    const { width, height } = picture;
    const pixels = toRgb(picture);
    const made = await this.#ask("run", { pixels, width, height, seed }, [pixels.buffer]);
    return { picture: fromRgb(made.pixels, width, height), milliseconds: made.milliseconds };
  }

  async #start(tell) {
    const [worker, runtime, wasm] = await Promise.all([workerOf("js/worker.js"), moduleOf(RUNTIME), bytesOf(WASM, tell)]);
    this.#worker = worker;
    this.#worker.onmessage = ({ data }) => this.#hear(data);
    this.#worker.onerror = () => this.#fail("The part of the page that runs the model stopped. Reload the page.");
    await this.#ask("start", { runtime, wasm }, [wasm]);
  }

  #ask(ask, given, handed) {
    const id = this.#questions++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ask, ...given }, handed);
    });
  }

  #hear({ id, answer, problem }) {
    const { resolve, reject } = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (problem === undefined) resolve(answer);
    else reject(new Error(`The model could not be run in this browser (${problem}).`));
  }

  #fail(words) {
    for (const { reject } of this.#waiting.values()) reject(new Error(words));
    this.#waiting.clear();
  }
}
