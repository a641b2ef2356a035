// The page's own files, with progress: asked of the server, or unpacked from the page itself where everything is inside one file.

const packed = (path) => document.querySelector(`script[data-file="${CSS.escape(path)}"]`);

/** Bytes of a file as an ArrayBuffer. `tell(done, total)` is called as they come, in bytes. */
export async function bytesOf(path, tell = () => {}) {
  const inside = packed(path);
  return inside ? unpack(inside, tell) : download(path, tell);
}

/** An address by which an image element finds a PNG file. */
export async function addressOf(path) {
  return packed(path) ? URL.createObjectURL(new Blob([await bytesOf(path)], { type: "image/png" })) : path;
}

/** The content of a JSON file. */
export async function jsonOf(path) {
  return JSON.parse(new TextDecoder().decode(await bytesOf(path)));
}

/** Start a worker. A page on the disk can only start one of the classic kind, from a Blob. */
export async function workerOf(path) {
  if (!packed(path)) return new Worker(path, { type: "module" });
  return new Worker(URL.createObjectURL(new Blob([await bytesOf(path)], { type: "text/javascript" })));
}

/** What a worker can import a module by: its address, or its bytes, as a worker cannot read the Blobs of a page on the disk. */
export async function moduleOf(path) {
  return packed(path) ? bytesOf(path) : new URL(path, document.baseURI).href;
}

async function download(path, tell) {
  let answer;
  try {
    answer = await fetch(path);
  } catch {
    throw new Error(`The server does not answer any more (asked for ${path}). Start it again with "make demo", then reload this page.`);
  }
  if (!answer.ok) throw new Error(`The server has no ${path} (answer ${answer.status}). Start it again with "make demo", then reload this page.`);
  return gather(answer.body, Number(answer.headers.get("Content-Length")), tell);
}

async function unpack(script, tell) {
  const text = atob(script.textContent.trim());
  const zipped = new Uint8Array(text.length);
  for (let place = 0; place < text.length; place++) zipped[place] = text.charCodeAt(place);
  return gather(new Blob([zipped]).stream().pipeThrough(new DecompressionStream("gzip")), Number(script.dataset.bytes), tell);
}

async function gather(stream, total, tell) {
  const whole = new Uint8Array(total);
  const reader = stream.getReader();
  let done = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    whole.set(part.value, done);
    done += part.value.length;
    tell(done, total);
  }
  if (done !== total) throw new Error("A file of the page came only in part. Reload the page.");
  return whole.buffer;
}
