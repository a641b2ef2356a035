// A model's pictures: its samples, as thumbnails to choose from, and how a picture file becomes its input.

import { addressOf, bytesOf } from "./files.js";
import { decode, grey } from "./picture.js";

/** A button for each sample; `choose(number)` is called with the place of the one that is clicked. */
export async function offer(group, samples, choose) {
  const buttons = samples.map((_, number) => {
    const button = Object.assign(document.createElement("button"), { type: "button", title: `Sample ${number + 1}` });
    button.append(Object.assign(new Image(), { alt: `Sample ${number + 1}` }));
    button.addEventListener("click", () => choose(number));
    return button;
  });
  group.replaceChildren(...buttons);
  for (const [number, { input }] of samples.entries()) buttons[number].firstChild.src = await addressOf(input);
}

/** Mark the sample that is shown; none if `which` is undefined. */
export function mark(group, which) {
  [...group.children].forEach((button, number) => button.setAttribute("aria-pressed", String(number === which)));
}

/** The number of another sample than `last`; of any if that is undefined. */
export function other(samples, last) {
  if (last === undefined) return Math.floor(Math.random() * samples.length);
  return (last + 1 + Math.floor(Math.random() * (samples.length - 1))) % samples.length;
}

/** A picture file as the model's input. */
export async function inputOf(model, file) {
  const picture = await decode(file, model.size, !model.palette.length);
  return model.kind === "lab" && model.direction === "AtoB" ? grey(picture) : picture;
}

/** A sample as the first step of a drawing, which is its own base. */
export async function sampleOf(model, number) {
  const picture = await inputOf(model, await fileOf(model.samples[number].input));
  return { picture, base: { picture, number } };
}

/** The number of the sample that a step is; undefined if something was drawn. */
export function shown({ picture, base }) {
  return picture === base?.picture ? base.number : undefined;
}

/** The target of a sample. */
export async function targetOf(model, number) {
  return decode(await fileOf(model.samples[number].target), model.size, true);
}

async function fileOf(path) {
  return new Blob([await bytesOf(path)]);
}
