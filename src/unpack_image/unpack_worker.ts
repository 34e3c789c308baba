/// <reference lib="deno.worker" />
import { GrowingFile } from "../io/growing_file.ts";
import { Decompressor } from "../unpack/decompressor.ts";
import { findNativeCalls } from "../unpack/native_calls.ts";
import { type LayerJob, runLayerJob, type UnpackedTree } from "./layer_job.ts";
import {
  packError,
  type UnpackAnswer,
  type UnpackRequest,
} from "./unpack_message.ts";

// A thread that unpacks layers, several at a time where they are still to come.
interface RunningJob {
  readonly file: GrowingFile;
  readonly controller: AbortController;
  tree?: UnpackedTree;
}

const native = findNativeCalls();
const jobs = new Map<number, RunningJob>();

self.addEventListener("message", ({ data }: MessageEvent<UnpackRequest>) => {
  const job = jobs.get(data.id);
  switch (data.kind) {
    case "start":
      return void start(data.id, data.job);
    case "growth":
      return job?.file.follow(data.growth);
    case "abort":
      return job?.controller.abort();
    case "settle":
      return void settle(data.id, data.path);
  }
});

async function start(id: number, job: LayerJob): Promise<void> {
  const running: RunningJob = {
    file: new GrowingFile(),
    controller: new AbortController(),
  };
  jobs.set(id, running);
  using decompressor = job.isPipelined ? new Decompressor() : undefined;
  try {
    const tree = await runLayerJob(job, running.file, {
      signal: running.controller.signal,
      onProgress: (progress) => answer({ id, kind: "progress", progress }),
      native,
      decompressor,
    });
    running.tree = tree;
    const { bytes, lines } = tree;
    answer({ id, kind: "unpacked", bytes, lines });
  } catch (error) {
    jobs.delete(id);
    answer({ id, kind: "error", error: packError(error) });
  }
}

async function settle(id: number, path: string): Promise<void> {
  try {
    await jobs.get(id)?.tree?.settle(path);
    answer({ id, kind: "settled" });
  } catch (error) {
    answer({ id, kind: "error", error: packError(error) });
  } finally {
    jobs.delete(id);
  }
}

function answer(message: UnpackAnswer): void {
  self.postMessage(message);
}
