// A model's samples as thumbnails to choose from.

import { addressOf } from "./files.js";

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
