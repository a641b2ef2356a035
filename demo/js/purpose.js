// What a model is for, in one sentence.

export function purpose({ kind, direction, palette }) {
  if (kind === "lab" && direction === "AtoB") return "Give it a photo in grey, and the network colours it.";
  if (kind === "lab") return "Give it a photo, and the network finds its light from its colours.";
  if (palette.length) return "Draw it, and the network makes a photo of it.";
  return "Draw or open a picture, and the network translates it.";
}
