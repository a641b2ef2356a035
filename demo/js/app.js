// The page: which model, what is drawn, what its address says.

import { changedBy, introduce } from "./about.js";
import { offerColours, offerModels, pick } from "./choices.js";
import { snap, strangers } from "./drawing.js";
import { Editor } from "./editor.js";
import { jsonOf } from "./files.js";
import { History } from "./history.js";
import { listen as listenForPictures } from "./intake.js";
import { listen as listenForKeys } from "./keyboard.js";
import * as link from "./link.js";
import { arrived, complain, forgive, progress, say } from "./notices.js";
import { beside, blank, copy, difference, over, save, show } from "./picture.js";
import { Result } from "./result.js";
import { inputOf, mark, offer, other, sampleOf, shown, targetOf } from "./samples.js";

const INKS = [{ name: "black", rgb: [0, 0, 0] }, { name: "white", rgb: [255, 255, 255] }]; // where a model has no palette
const find = (id) => document.getElementById(id);

// The steps of each model's drawing, so that nothing is lost by looking at another model. A step is { picture, foreign, base }: foreign if
// it comes from a picture that a person brought, which may have any colours; base is the sample that was drawn on, { picture, number }.
const histories = new Map();
let model;
let keeping;

const editor = new Editor(
  { stage: find("stage"), sheet: find("sheet"), canvas: find("drawing"), crosshair: find("crosshair") },
  { draft: () => live(), commit: (picture) => commit({ ...history().current, picture }, "Drawn.") },
);
const result = new Result(
  { stage: find("result-stage"), sheet: find("result-sheet"), canvas: find("result"), over: find("before"), slider: find("wipe") },
  { ask: () => ({ picture: editor.picture, seed: seed() }), perform, done: resultReady, tell: progress, arrived },
);
const history = () => histories.get(model);
const drawn = () => model.palette.length > 0;
const photo = () => model.kind === "lab";

const acts = {
  undo: () => travel("undo", "Undone."),
  redo: () => travel("redo", "Done again."),
  clear: () => commit(empty(), "Cleared."),
  sample: () => perform(() => takeSample(other(model.samples, shown(history().current)))),
  open: () => find("file").click(),
  process: () => result.run(),
  toResult() {
    find("result-title").scrollIntoView();
    find("result-title").focus({ preventScroll: true });
  },
  newSeed() {
    if (!model.noise) return;
    find("seed").value = crypto.getRandomValues(new Uint16Array(1))[0];
    keepSoon();
    result.run();
  },
  saveDrawing: () => perform(() => save(editor.picture, `${model.dataset}-${photo() ? "photo" : "drawing"}.png`)),
  saveResult: () => perform(() => saveMade(({ picture }) => picture, "result")),
  saveBoth: () => perform(() => saveMade(({ input, picture }) => beside(input, picture), "both")),
  snap() {
    const picture = copy(history().current.picture);
    snap(picture, model.palette);
    commit({ picture }, "Every colour is one of the palette's now.");
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

/** The next step of the drawing. */
function commit(step, words) {
  history().commit(step);
  refresh(words);
  keepSoon();
}

function travel(where, words) {
  history()[where]();
  refresh(words);
  keepSoon();
}

function empty() {
  return { picture: blank(model.size, model.size, editor.ground) };
}

function refresh(words) {
  const { picture, foreign } = history().current;
  editor.picture = picture;
  find("undo").disabled = !history().canUndo;
  find("redo").disabled = !history().canRedo;
  const strange = drawn() && foreign ? strangers(picture, model.palette) : 0;
  find("foreign").hidden = strange === 0;
  find("foreign-count").textContent = strange.toLocaleString("en");
  const { width, height } = picture;
  find("drawing-size").textContent = `${width} × ${height}`;
  const role = editor.enabled ? "application" : "img";
  find("stage").setAttribute("role", role);
  find("stage").setAttribute("aria-label", `${editor.enabled ? "Drawing" : "Photo"}, ${width} by ${height} pixels`);
  mark(find("thumbnails"), shown(history().current));
  say(words);
  live();
  perform(compare);
}

function live() {
  if (find("live").checked) result.run();
}

function resultReady(milliseconds, before) {
  show(find("glance"), result.picture);
  find("result-time").textContent = `${milliseconds} ms`;
  for (const id of ["save-result", "save-both"]) find(id).disabled = false;
  if (result.waiting || editor.drawing) return;
  say(`Result ready after ${milliseconds} ms. ${before ? changedBy(difference(before, result.picture)) : ""}`);
}

function saveMade(choose, name) {
  if (!result.picture) return say("There is no result to save yet.");
  return save(choose(result), `${model.dataset}-${name}.png`);
}

/** Where the drawing is a sample with a target, offer the target, and show it if that is asked for. */
async function compare() {
  const step = history().current;
  const offered = model.samples[shown(step)]?.target !== undefined;
  find("target-switch").hidden = !offered;
  const target = offered && find("target").checked ? await targetOf(model, shown(step)) : undefined;
  if (step === history().current) result.against(target);
}

// An empty field is no noise, which a model takes as a number below 0.
function seed() {
  const field = find("seed");
  if (!field.checkValidity()) throw new Error("The seed is a whole number from 0 to 2,147,483,647, or nothing for no noise. Press “New seed” for another.");
  return field.value === "" ? -1 : Number(field.value);
}

async function takeSample(number) {
  if (!model.samples.length) throw new Error("This model came without samples. Open a picture of your own, or draw.");
  commit(await sampleOf(model, number), `Sample ${number + 1} of ${model.samples.length}.`);
}

async function open(file) {
  commit({ picture: await inputOf(model, file), foreign: true }, `Opened ${file.name}.`);
}

/** Go to a model; `begin()` gives the first step of its drawing where there is none yet, and undefined for an empty one. */
async function choose(chosen, begin = firstSample) {
  model = chosen;
  const { palette, samples } = model;
  introduce(model);
  Object.assign(editor, { enabled: !photo(), palette, ground: drawn() ? palette[0].rgb : [255, 255, 255] });
  offerColours(find("colours"), drawn() ? palette : INKS, paint);
  pick(find("colours"), drawn() ? Math.min(2, palette.length - 1) : 0);
  find("size").max = Math.max(4, model.size >> 3);
  find("size").value = Math.max(1, Math.round(model.size / 21));
  find("size").dispatchEvent(new Event("input"));
  offer(find("thumbnails"), samples, (number) => perform(() => takeSample(number)));
  result.load(model);
  const fresh = !histories.has(model);
  if (fresh) histories.set(model, new History(empty()));
  refresh(`Model ${model.dataset}.`);
  const problem = fresh && (await beginDrawing(chosen, begin).catch((reason) => reason));
  result.run();
  if (problem) complain(problem);
  else keepSoon();
}

async function beginDrawing(chosen, begin) {
  const step = await begin();
  if (chosen !== model && !histories.get(chosen).canUndo) histories.delete(chosen); // was left before it came: begins anew next time
  if (!step || chosen !== model || history().canUndo || editor.drawing) return; // something was drawn before it came
  histories.set(model, new History(step));
  refresh(shown(step) === undefined ? "The drawing as it was." : `Sample ${shown(step) + 1} of ${model.samples.length}.`);
}

async function firstSample() {
  return model.samples.length ? sampleOf(model, 0) : undefined;
}

/** Choose what the page's address asks for. */
async function chooseFromLink(models) {
  const asked = link.read();
  const number = models.findIndex(({ dataset }) => dataset === asked.model);
  if (!location.hash) return choose(models[0]);
  if (number >= 0) find("models").querySelector(`[value="${number}"]`).checked = true;
  return choose(models[Math.max(number, 0)], () => {
    if (number < 0) throw new Error("This page does not have the model that its address asks for.");
    return stepOfLink(asked);
  });
}

async function stepOfLink({ seed, sample, drawing, left }) {
  find("seed").value = seed ?? "";
  const number = Number(sample) - 1;
  if (sample && !model.samples[number]) throw new Error("This page does not have the sample that its address asks for. Choose another, or draw.");
  const start = sample ? await sampleOf(model, number) : empty();
  if (drawing) return { picture: over(await link.decode(drawing, 2 * model.size ** 2), start.picture), foreign: !sample, base: start.base };
  if (left?.picture instanceof ImageData) return left;
  return sample ? start : firstSample();
}

/** Put the drawing into the page's address; not at every step, as browsers allow only some in a second. */
function keepSoon() {
  clearTimeout(keeping);
  keeping = setTimeout(async () => {
    const step = history().current;
    const whole = await link.write({ model: model.dataset, seed: find("seed").value, step, current: () => step === history().current });
    if (whole !== undefined) find("kept").textContent = whole ? "the page’s address keeps the drawing" : "this is too detailed for the page’s address: save it to share it";
  }, 200);
}

function paint({ name, rgb }) {
  editor.colour = rgb;
  say(`Drawing with ${name}.`);
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
  find("live").addEventListener("change", live);
  for (const act of [keepSoon, live]) find("seed").addEventListener("change", act);
  find("target").addEventListener("change", () => perform(compare));
  listenForPictures(find("file"), find("curtain"), (file) => perform(() => open(file)), complain);
  listenForKeys(editor, { tools: find("tools"), colours: find("colours") }, acts, { allowed: () => find("letters").checked, moved: () => say(editor.whereabouts) });
  offerModels(find("models"), models, choose);
  use("rectangle");
  addEventListener("hashchange", () => location.reload());
  await chooseFromLink(models);
}

function use(tool) {
  editor.cancel();
  editor.tool = tool;
  find("size").disabled = tool === "rectangle" || tool === "fill";
}

perform(start);
