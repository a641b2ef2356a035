// Pictures are ImageData: RGBA, every pixel opaque, so that a canvas gives back exactly what was put on it.

/** A picture of one colour. */
export function blank(width, height, [r, g, b]) {
  const picture = new ImageData(width, height);
  new Uint32Array(picture.data.buffer).fill(word([r, g, b]));
  return picture;
}

/** The pixels as words, in place. */
export function words(picture) {
  return new Uint32Array(picture.data.buffer);
}

/** A colour as the 32 bits it has in ImageData on every machine that runs a browser (little-endian). */
export function word([r, g, b]) {
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

export function copy(picture) {
  return new ImageData(new Uint8ClampedArray(picture.data), picture.width, picture.height);
}

/** RGB bytes, row by row, as the network reads them. */
export function toRgb({ data, width, height }) {
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    rgb[to] = data[from];
    rgb[to + 1] = data[from + 1];
    rgb[to + 2] = data[from + 2];
  }
  return rgb;
}

export function fromRgb(rgb, width, height) {
  const picture = new ImageData(width, height);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    picture.data[to] = rgb[from];
    picture.data[to + 1] = rgb[from + 1];
    picture.data[to + 2] = rgb[from + 2];
    picture.data[to + 3] = 255;
  }
  return picture;
}

/**
 * Read a file the user gave, at the size the network was trained for: as many pixels as `size` x `size`, in the picture's own shape.
 * A label map keeps its colours (`smooth` false: no colour that was not there). Transparent parts become white; photos are turned upright.
 */
export async function decode(blob, size, smooth) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(blob, { imageOrientation: "from-image", premultiplyAlpha: "none", colorSpaceConversion: "none" });
  } catch {
    const name = blob.name ? `“${blob.name}” ` : "This ";
    throw new Error(`${name}is not a picture that this browser can read. Use a PNG, JPEG, WebP, GIF or BMP file.`);
  }
  const [width, height] = fit(bitmap.width, bitmap.height, size);
  const canvas = new OffscreenCanvas(width, height);
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, width, height);
  pen.imageSmoothingEnabled = smooth;
  pen.imageSmoothingQuality = "high";
  pen.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return pen.getImageData(0, 0, width, height);
}

// A picture that already has about the right number of pixels stays as it is: what was saved here opens again pixel by pixel.
function fit(width, height, size) {
  const ratio = (size * size) / (width * height);
  if (ratio > 0.95 && ratio < 1.05) return [width, height];
  const scale = Math.sqrt(ratio);
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

/** Two pictures of the same size, side by side. */
export function beside(left, right) {
  const { width, height } = left;
  const made = new ImageData(2 * width, height);
  for (let y = 0; y < height; y++) {
    for (const [place, { data }] of [left, right].entries()) {
      made.data.set(data.subarray(4 * width * y, 4 * width * (y + 1)), 4 * width * (2 * y + place));
    }
  }
  return made;
}

/** A picture made opaque: where it is transparent, another shows of the same size, or black. */
export function over(picture, under) {
  const below = under.width === picture.width && under.height === picture.height ? words(under) : [];
  words(picture).forEach((pixel, at, pixels) => (pixels[at] = ((pixel >>> 24 ? pixel : below[at]) | 0xff000000) >>> 0));
  return picture;
}

/** How far two pictures of the same size are apart: the mean absolute difference of their levels, 0 to 255. */
export function difference(one, other) {
  const levels = (one.data.length / 4) * 3; // alpha is the same
  return one.data.reduce((sum, level, at) => sum + Math.abs(level - other.data[at]), 0) / levels;
}

/** The same picture in grey of the same lightness (L of CIE Lab), as the colouring networks see it. */
export function grey(picture) {
  const made = copy(picture);
  const { data } = made;
  for (let at = 0; at < data.length; at += 4) {
    const luminance = 0.212671 * linear(data[at]) + 0.71516 * linear(data[at + 1]) + 0.072169 * linear(data[at + 2]);
    const coded = luminance > 0.0031308 ? 1.055 * luminance ** (1 / 2.4) - 0.055 : luminance * 12.92;
    data[at] = data[at + 1] = data[at + 2] = Math.round(coded * 255);
  }
  return made;
}

function linear(level) {
  const value = level / 255;
  return value > 0.04045 ? ((value + 0.055) / 1.055) ** 2.4 : value / 12.92;
}

/** Put a picture on a canvas, which takes its size. */
export function show(canvas, picture) {
  if (canvas.width !== picture.width) canvas.width = picture.width;
  if (canvas.height !== picture.height) canvas.height = picture.height;
  canvas.getContext("2d").putImageData(picture, 0, 0);
}

/** Hand a picture to the user as a PNG file. */
export async function save(picture, name) {
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  canvas.getContext("2d").putImageData(picture, 0, 0);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await canvas.convertToBlob({ type: "image/png" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000); // the download reads it after the click
}
