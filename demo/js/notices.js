// What the page says: quietly in the status line, aloud when something went wrong, and how far the model has come.

const find = (id) => document.getElementById(id);

/** For everyone to read, and for screen readers to say when there is a pause. */
export function say(text) {
  find("status").textContent = text;
}

/** Something went wrong, in words. */
export function complain(problem) {
  find("error-text").textContent = problem.message ?? String(problem);
  find("error").hidden = false;
}

export function forgive() {
  find("error").hidden = true;
}

/** Progress of a model that comes; in bytes. */
export function progress(done, total) {
  find("loading").hidden = false;
  find("loading-bar").max = total;
  find("loading-bar").value = done;
  find("loading-text").textContent = `${megabytes(done)} of ${megabytes(total)} MB`;
}

export function arrived() {
  find("loading").hidden = true;
}

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}

find("error-close").addEventListener("click", forgive);
