// Runs the network away from the page, so that drawing never waits for it. No import here: inside a single file this is a classic worker.

let ort;
let session;

const answers = {
  async start({ runtime, wasm }) {
    ort = await import(typeof runtime === "string" ? runtime : URL.createObjectURL(new Blob([runtime], { type: "text/javascript" })));
    ort.env.wasm.wasmBinary = wasm;
    ort.env.logLevel = "error";
  },

  async load({ model }) {
    await session?.release();
    session = await ort.InferenceSession.create(new Uint8Array(model), { executionProviders: ["wasm"] });
  },

  async run({ pixels, width, height, seed }) {
    const began = performance.now();
    const image = new ort.Tensor("uint8", pixels, [1, height, width, 3]);
    const outputs = await session.run({ image, seed: new ort.Tensor("int64", BigInt64Array.of(BigInt(seed)), [1]) });
    const made = Uint8Array.from(outputs.output.data);
    return { pixels: made, milliseconds: performance.now() - began };
  },
};

let last = Promise.resolve(); // one question after the other: a model is not replaced while it runs

self.onmessage = ({ data }) => {
  last = last.then(() => reply(data));
};

async function reply({ id, ask, ...given }) {
  try {
    const answer = await answers[ask](given);
    self.postMessage({ id, answer }, answer ? [answer.pixels.buffer] : []);
  } catch (problem) {
    self.postMessage({ id, problem: String(problem?.message ?? problem) });
  }
}
