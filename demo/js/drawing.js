// What the tools do to a picture (ImageData). Colours are [r, g, b], points {x, y} in whole pixels inside the picture.

import { word, words } from "./picture.js";

/** A filled rectangle; both corners belong to it. */
export function rectangle(picture, from, to, colour) {
  const [left, right] = [Math.min(from.x, to.x), Math.max(from.x, to.x)];
  const [top, bottom] = [Math.min(from.y, to.y), Math.max(from.y, to.y)];
  const pixels = words(picture);
  for (let y = top; y <= bottom; y++) pixels.fill(word(colour), y * picture.width + left, y * picture.width + right + 1);
}

/** A line as wide as `size` pixels, with round ends (Bresenham). */
export function line(picture, from, to, colour, size) {
  const [dx, dy] = [Math.abs(to.x - from.x), -Math.abs(to.y - from.y)];
  const [stepX, stepY] = [from.x < to.x ? 1 : -1, from.y < to.y ? 1 : -1];
  let { x, y } = from;
  for (let error = dx + dy; ; ) {
    dot(picture, x, y, colour, size);
    if (x === to.x && y === to.y) return;
    const doubled = 2 * error;
    if (doubled >= dy) [error, x] = [error + dy, x + stepX];
    if (doubled <= dx) [error, y] = [error + dx, y + stepY];
  }
}

function dot(picture, x, y, colour, size) {
  const pixels = words(picture);
  const ink = word(colour);
  const first = -Math.floor(size / 2);
  const middle = (size % 2 ? 0 : -0.5);
  for (let dy = first; dy < first + size; dy++) {
    for (let dx = first; dx < first + size; dx++) {
      const inside = x + dx >= 0 && x + dx < picture.width && y + dy >= 0 && y + dy < picture.height;
      if (inside && (dx - middle) ** 2 + (dy - middle) ** 2 <= (size / 2) ** 2) pixels[(y + dy) * picture.width + x + dx] = ink;
    }
  }
}

/**
 * Colour the area of one colour around a point; areas touch along edges, not corners. With a palette, colours are one where the same entry
 * is nearest to them: a label map that was ever a JPEG has hardly two neighbours alike.
 */
export function fill(picture, at, colour, palette = []) {
  const { width, height } = picture;
  const pixels = words(picture);
  const ink = word(colour);
  const meant = nearest(palette);
  const old = meant(pixels[at.y * width + at.x]);
  const seen = new Uint8Array(width * height);
  const open = [at.y * width + at.x];
  while (open.length) {
    const place = open.pop();
    if (seen[place] || meant(pixels[place]) !== old) continue;
    seen[place] = 1;
    pixels[place] = ink;
    if (place % width > 0) open.push(place - 1);
    if (place % width < width - 1) open.push(place + 1);
    if (place >= width) open.push(place - width);
    if (place < width * (height - 1)) open.push(place + width);
  }
}

/** How many pixels have a colour that is not in the palette. */
export function strangers(picture, palette) {
  const known = new Set(palette.map(({ rgb }) => word(rgb)));
  let count = 0;
  for (const pixel of words(picture)) if (!known.has(pixel)) count++;
  return count;
}

/** Give every pixel the colour of the palette that is nearest in RGB. */
export function snap(picture, palette) {
  const meant = nearest(palette);
  const pixels = words(picture);
  pixels.forEach((pixel, place) => (pixels[place] = meant(pixel)));
}

/** A function from a pixel to the palette's nearest to it; to itself without a palette. */
function nearest(palette) {
  if (!palette.length) return (pixel) => pixel;
  const known = new Map();
  return (pixel) => {
    if (!known.has(pixel)) known.set(pixel, word(closest([pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255], palette).rgb));
    return known.get(pixel);
  };
}

/** The palette's entry that is nearest to a colour. */
export function closest([r, g, b], palette) {
  const distance = ({ rgb }) => (rgb[0] - r) ** 2 + (rgb[1] - g) ** 2 + (rgb[2] - b) ** 2;
  return palette.reduce((best, entry) => (distance(entry) < distance(best) ? entry : best));
}
