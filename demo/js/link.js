// The page's address names the model, the seed and the drawing, which so survives a reload and can be sent.

const MOST = 8000; // characters, as mail and chat programs cut longer addresses; unpacked these are at most 6 MB
const HEAD = 5; // bytes: width and height (two each, big-endian), and the number of colours, RGBA each

/** What the address asks for, as text: { model, seed, sample, drawing }, each of them undefined if it is not there; and the step that a reload left. */
export function read() {
  return { ...Object.fromEntries(new URLSearchParams(location.hash.slice(1))), left: history.state };
}

/** Put a step of the drawing into the address; one that is too detailed for it stays beside it, for a reload. `current()`: whether it is still the newest.
 * Returns whether the address leads to what is drawn, undefined if the step is no longer the newest. */
export async function write({ model, seed, step, current }) {
  const sample = step.base && String(step.base.number + 1);
  const changed = step.picture !== step.base?.picture;
  const drawing = changed ? await encode(step.picture, step.base?.picture) : undefined;
  const known = Object.entries({ model, seed, sample, drawing }).filter(([, text]) => text);
  if (!current()) return undefined;
  history.replaceState(step, "", `#${new URLSearchParams(known)}`);
  return !changed || drawing !== undefined;
}

/** What a picture has that `base` has not, as text; undefined if that has more than 255 colours, or is too detailed for an address. */
async function encode({ width, height, data }, base) {
  const under = base?.width === width && base.height === height ? new Uint32Array(base.data.buffer) : [];
  const pixels = new Uint32Array(data.buffer).map((pixel, at) => (pixel === under[at] ? 0 : pixel)); // 0 is transparent
  const colours = new Map();
  for (const pixel of pixels) {
    if (!colours.has(pixel)) colours.set(pixel, colours.size);
    if (colours.size > 255) return undefined;
  }
  const palette = [...colours.keys()].flatMap((pixel) => [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255, pixel >>> 24]);
  const places = Uint8Array.from(pixels, (pixel, at) => colours.get(pixel) ^ (at < width ? 0 : colours.get(pixels[at - width]))); // mostly 0
  const head = [width >> 8, width & 255, height >> 8, height & 255, colours.size];
  const packed = await through(new CompressionStream("deflate-raw"), Uint8Array.of(...head, ...palette), places);
  const text = btoa(String.fromCharCode(...packed.subarray(0, MOST))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return text.length <= MOST ? text : undefined;
}

/** The picture of a text, of at most `most` pixels, transparent where it is as its sample. Throws an Error if the text is no such picture, or only a part of one. */
export async function decode(text, most) {
  try {
    if (text.length > MOST) throw new RangeError();
    const packed = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
    return picture(await through(new DecompressionStream("deflate-raw"), packed), most);
  } catch {
    throw new Error("The drawing in this page’s address is damaged or cut off. Ask for the whole link again, or draw a new one.");
  }
}

function picture(bytes, most) {
  const [width, height, count] = [(bytes[0] << 8) | bytes[1], (bytes[2] << 8) | bytes[3], bytes[4]];
  const places = bytes.subarray(HEAD + 4 * count);
  if (width * height > most || places.length !== width * height) throw new RangeError();
  const made = new ImageData(width, height);
  for (let at = 0; at < places.length; at++) {
    if (at >= width) places[at] ^= places[at - width];
    if (places[at] >= count) throw new RangeError();
    const colour = HEAD + 4 * places[at];
    made.data.set(bytes.subarray(colour, colour + 4), 4 * at);
  }
  return made;
}

async function through(stream, ...parts) {
  return new Uint8Array(await new Response(new Blob(parts).stream().pipeThrough(stream)).arrayBuffer());
}
