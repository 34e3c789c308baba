// Runs in a worker, from its text: a bundle or an executable has no file to start it from.
// It follows files as they grow, so that no byte has to be handed over between threads.
import { createHash } from "node:crypto";

const PIECE_BYTES = 256 << 10;
const buffer = new Uint8Array(PIECE_BYTES);
const jobs = new Map();

self.onmessage = ({ data: { type, id, ...data } }) => {
  try {
    handlers[type](id, data);
  } catch (error) {
    close(id);
    self.postMessage({ id, failure: String(error?.message ?? error) });
  }
};

const handlers = {
  open(id, { path, algorithm }) {
    const file = Deno.openSync(path);
    jobs.set(id, { file, hash: createHash(algorithm), position: 0 });
  },
  advance(id, { goal }) {
    const job = jobs.get(id);
    if (job !== undefined) hashUpTo(job, goal);
  },
  finish(id, { goal }) {
    const job = jobs.get(id);
    if (job === undefined) return;
    hashUpTo(job, goal);
    self.postMessage({ id, hex: job.hash.digest("hex") });
    close(id);
  },
  close,
};

function hashUpTo(job, goal) {
  while (job.position < goal) {
    const rest = Math.min(PIECE_BYTES, goal - job.position);
    const read = job.file.readSync(buffer.subarray(0, rest));
    if (read === null) throw new Error("the file is shorter than was said");
    job.hash.update(buffer.subarray(0, read));
    job.position += read;
  }
}

function close(id) {
  jobs.get(id)?.file.close();
  jobs.delete(id);
}
