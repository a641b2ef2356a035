// The page: which model, what is drawn, when it runs.

import { offerColours, offerModels, pick } from "./choices.js";
import { closest, snap, strangers } from "./drawing.js";
import { Editor } from "./editor.js";
import { bytesOf, jsonOf } from "./files.js";
import { History } from "./history.js";
import { listen as listenForPictures } from "./intake.js";
import { listen as listenForKeys } from "./keyboard.js";
import { arrived, complain, forgive, progress, say } from "./notices.js";
import { blank, copy, decode, grey, save, show } from "./picture.js";
import { purpose } from "./purpose.js";
import { Runner } from "./runner.js";
import { Wipe } from "./wipe.js";

const INKS = [{ name: "black", rgb: [0, 0, 0] }, { name: "white", rgb: [255, 255, 255] }]; // where a model has no palette
const find = (id) => document.getElementById(id);

const runner = new Runner();
const histories = new Map(); // of each model, so that nothing is lost by looking at another
let model;
let loaded;
let result;
let shownSample = -1;
let working = false;
let wanted = false;
const brought = new WeakSet(); // pictures that come from one that a person brought, which may have any colours

const editor = new Editor(
  { stage: find("stage"), sheet: find("sheet"), canvas: find("drawing"), crosshair: find("crosshair") },
  { draft: () => live(), commit: (picture) => commit(picture, "Drawn.") },
);
const wipe = new Wipe({ sheet: find("result-sheet"), before: find("before"), after: find("result"), slider: find("wipe") });
const history = () => histories.get(model);
const drawn = () => model.palette.length > 0;
const photo = () => model.kind === "lab";

const acts = {
  undo: () => travel("undo", "Undone."),
  redo: () => travel("redo", "Done again."),
  clear() {
    commit(blank(model.size, model.size, editor.ground), "Cleared.", false);
  },
  sample: () => perform(sample),
  open: () => find("file").click(),
  process: () => run(),
  another() {
    if (!model.noise) return;
    find("seed").value = crypto.getRandomValues(new Uint16Array(1))[0];
    run();
  },
  saveDrawing: () => perform(() => save(editor.picture, `${model.dataset}-${photo() ? "photo" : "drawing"}.png`)),
  saveResult: () => perform(() => (result ? save(result, `${model.dataset}-result.png`) : say("There is no result to save yet."))),
  snap() {
    const picture = copy(history().current);
    snap(picture, model.palette);
    commit(picture, "Every colour is one of the palette's now.");
  },
  help: () => find("help").showModal(),
};

/** Do something that can fail, and say so in words. */
async function perform(act) {
  try {
    forgive();
    await act();
  } catch (problem) {
    complain(problem);
  }
}

/** Take a picture as the next step of the drawing. `foreign`: whether it was brought; what is drawn on such a one is, too. */
function commit(picture, words, foreign = brought.has(history().current)) {
  if (foreign) brought.add(picture);
  history().commit(picture);
  refresh(words);
}

function travel(where, words) {
  history()[where]();
  refresh(words);
}

function refresh(words) {
  editor.picture = history().current;
  find("undo").disabled = !history().canUndo;
  find("redo").disabled = !history().canRedo;
  const foreign = drawn() && brought.has(history().current) ? strangers(editor.picture, model.palette) : 0;
  find("foreign").hidden = foreign === 0;
  find("foreign-count").textContent = foreign.toLocaleString("en");
  const { width, height } = editor.picture;
  find("drawing-size").textContent = `${width} × ${height}`;
  const role = editor.enabled ? "application" : "img";
  find("stage").setAttribute("role", role);
  find("stage").setAttribute("aria-label", `${editor.enabled ? "Drawing" : "Photo"}, ${width} by ${height} pixels`);
  say(words);
  live();
}

function live() {
  if (find("live").checked) run();
}

/** Run the model on what is drawn now. Asked again while it runs, it runs once more, on the newest picture. */
async function run() {
  wanted = true;
  if (working) return;
  working = true;
  find("result-stage").setAttribute("aria-busy", "true");
  await perform(async () => {
    while (wanted) {
      wanted = false;
      await runOnce();
    }
  });
  working = wanted = false;
  find("result-stage").removeAttribute("aria-busy");
}

async function runOnce() {
  const chosen = model;
  await loaded;
  if (chosen !== model) return void (wanted = true);
  const picture = editor.picture;
  const made = await runner.run(copy(picture), seed());
  if (chosen !== model) return void (wanted = true);
  result = made.picture;
  wipe.show(picture, result);
  show(find("glance"), result);
  find("result-stage").dataset.runs = String(Number(find("result-stage").dataset.runs ?? 0) + 1);
  find("result-time").textContent = `${Math.max(1, Math.round(made.milliseconds))} ms`;
  for (const id of ["save-result", "wipe"]) find(id).disabled = false;
  if (!wanted && !editor.drawing) say(`Result ready after ${Math.max(1, Math.round(made.milliseconds))} milliseconds.`);
}

// Nothing in the field is no noise, which a model is told by a number below 0.
function seed() {
  const field = find("seed");
  if (!field.checkValidity()) throw new Error("The seed is a whole number from 0 to 2,147,483,647, or nothing for no noise. Press “Another one” for a new one.");
  return field.value === "" ? -1 : Number(field.value);
}

async function sample() {
  if (!model.samples.length) throw new Error("This model came without sample pictures. Open one of your own, or draw.");
  const picture = await nextSample();
  commit(picture, `Sample ${shownSample + 1} of ${model.samples.length}.`, false);
}

async function nextSample() {
  const { samples } = model;
  const step = shownSample < 0 ? 0 : 1 + Math.floor(Math.random() * (samples.length - 1));
  shownSample = (Math.max(shownSample, 0) + step) % samples.length;
  return read(new Blob([await bytesOf(samples[shownSample])]));
}

async function open(file) {
  const picture = await read(file);
  commit(picture, `Opened ${file.name}.`, true);
}

async function read(file) {
  const picture = await decode(file, model.size, !drawn());
  return photo() && model.direction === "AtoB" ? grey(picture) : picture;
}

async function choose(chosen) {
  model = chosen;
  result = undefined;
  shownSample = -1;
  const { palette } = model;
  const inks = drawn() ? palette : INKS;
  document.body.dataset.mode = photo() ? "photo" : drawn() ? "labels" : "free";
  find("drawing-title").textContent = photo() ? "Photo" : "Drawing";
  find("purpose").textContent = purpose(model);
  find("facts").textContent = `Trained at ${model.size} × ${model.size} pixels for ${model.epochs} epochs, ${model.weights} weights.`;
  find("noise").hidden = !model.noise;
  Object.assign(editor, { enabled: !photo(), palette, ground: drawn() ? palette[0].rgb : [255, 255, 255] });
  offerColours(find("colours"), inks, paint);
  pick(find("colours"), drawn() ? Math.min(2, palette.length - 1) : 0);
  find("size").max = Math.max(4, model.size >> 3);
  find("size").value = Math.max(1, Math.round(model.size / 21));
  find("size").dispatchEvent(new Event("input"));
  load();
  const fresh = !histories.has(model);
  if (fresh) histories.set(model, new History(blank(model.size, model.size, editor.ground)));
  refresh(`Model ${model.dataset}.`);
  if (fresh && model.samples.length) await perform(() => beginWithSample(chosen));
  run();
}

/** A sample to begin with, unless something was drawn before it came. */
async function beginWithSample(chosen) {
  const picture = await nextSample();
  if (chosen !== model || history().canUndo || editor.drawing) return;
  histories.set(model, new History(picture));
  refresh(`Sample 1 of ${model.samples.length}.`);
}

function paint({ name, rgb }) {
  editor.colour = rgb;
  say(`Drawing with ${name}.`);
}

/** Fetch the model; a failure is told by the run that waits for it. */
function load() {
  const chosen = model;
  const tell = (done, total) => chosen === model && progress(done, total);
  tell(0, model.bytes);
  loaded = runner.load(model, tell).finally(() => chosen === model && arrived());
  loaded.catch(() => {});
}

function whereabouts() {
  const { cursor, picture } = editor;
  const at = (cursor.y * picture.width + cursor.x) * 4;
  const under = drawn() ? `, ${closest(picture.data.slice(at, at + 3), model.palette).name}` : "";
  say(`Column ${cursor.x + 1}, row ${cursor.y + 1}${under}${editor.drawing ? ", drawing" : ""}.`);
}

async function start() {
  const { models } = await jsonOf("models.json");
  for (const button of document.querySelectorAll("[data-act]")) button.addEventListener("click", () => acts[button.dataset.act]());
  for (const tool of document.querySelectorAll("[name=tool]")) tool.addEventListener("change", () => use(tool.value));
  find("size").addEventListener("input", () => {
    editor.size = Number(find("size").value);
    find("size-value").textContent = `${editor.size} px`;
  });
  find("custom").addEventListener("input", () => paint({ name: "a colour of your own", rgb: find("custom").value.match(/\w\w/g).map((level) => parseInt(level, 16)) }));
  find("live").addEventListener("change", () => live());
  find("seed").addEventListener("change", () => live());
  listenForPictures(find("file"), find("curtain"), (file) => perform(() => open(file)), complain);
  listenForKeys(editor, { tools: find("tools"), colours: find("colours") }, acts, { allowed: () => find("letters").checked, moved: whereabouts });
  offerModels(find("models"), models, choose);
  use("rectangle");
  await choose(models[0]);
}

function use(tool) {
  editor.cancel();
  editor.tool = tool;
  find("size").disabled = tool === "rectangle" || tool === "fill";
}

perform(start);
