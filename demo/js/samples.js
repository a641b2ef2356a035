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

/** Mark the sample that is shown; none if `shown` is undefined. */
export function mark(group, shown) {
  [...group.children].forEach((button, number) => button.setAttribute("aria-pressed", String(number === shown)));
}

/** The number of another sample than `shown`; of any if that is undefined. */
export function other(samples, shown) {
  if (shown === undefined) return Math.floor(Math.random() * samples.length);
  return (shown + 1 + Math.floor(Math.random() * (samples.length - 1))) % samples.length;
}

/** A picture file as the model's input. */
export async function inputOf(model, file) {
  const picture = await decode(file, model.size, !model.palette.length);
  return model.kind === "lab" && model.direction === "AtoB" ? grey(picture) : picture;
}

/** The input of a sample, and its number. */
export async function sampleOf(model, number) {
  return { picture: await inputOf(model, await fileOf(model.samples[number].input)), sample: number };
}

/** The target of a sample. */
export async function targetOf(model, number) {
  return decode(await fileOf(model.samples[number].target), model.size, true);
}

async function fileOf(path) {
  return new Blob([await bytesOf(path)]);
}
