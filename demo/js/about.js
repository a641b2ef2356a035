// What the page says of a model.

const find = (id) => document.getElementById(id);

/** Put into words what a model does, how it was made, and what it comes with. */
export function introduce(model) {
  const photo = model.kind === "lab";
  document.body.dataset.mode = photo ? "photo" : model.palette.length ? "labels" : "free";
  find("drawing-title").textContent = photo ? "Photo" : "Drawing";
  find("purpose").textContent = purpose(model);
  find("facts").textContent = `Trained at ${model.size} pixels for ${model.epochs} epochs, ${model.weights} weights.`;
  find("noise").hidden = !model.noise;
  find("no-noise").hidden = model.noise;
  find("samples").hidden = !model.samples.length;
  find("rail").hidden = photo && !model.samples.length;
}

function purpose({ kind, direction, palette }) {
  if (kind === "lab" && direction === "AtoB") return "Give it a photo in grey, and the network colours it.";
  if (kind === "lab") return "Give it a photo, and the network finds its light from its colours.";
  if (palette.length) return "Draw it, and the network makes a photo of it.";
  return "Draw or open a picture, and the network translates it.";
}

/** What a new seed did, by the mean difference in levels that it made; below about 3 the eye hardly sees it. */
export function changedBy(levels) {
  const visible = levels < 3 ? ", which is hardly visible: this model makes little of its noise" : "";
  return `The new seed changes the image by ${levels.toFixed(1)} of 255 levels on average${visible}.`;
}
