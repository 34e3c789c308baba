import { type NetworkSettings, openNetwork } from "../../app.ts";
import { pull } from "../../pull/pull.ts";
import type { PullResult } from "../../pull/pull_result.ts";
import { createMemorySource } from "../../serve/memory_source.ts";
import { createRegistryHandler } from "../../serve/registry_handler.ts";
import { createSampleImage } from "../../serve/sample_image.ts";
import { type RunningServer, startServer } from "../../serve/start_server.ts";
import { Store } from "../../store/store.ts";
import { formatBytes } from "../../ui/format_bytes.ts";
import { formatTable } from "../../ui/format_table.ts";
import { shortDigest } from "../../spec/digest.ts";
import { openDemoDir } from "../demo_dir.ts";
import type { GlobalFlags } from "../global_flags.ts";
import type { Session } from "../session.ts";
import { VERSION } from "../version.ts";
import { imageTable } from "./run_images.ts";

const REPOSITORY = "dray/sample";
const TAG = "1";
/** So that a person sees the bars; without a terminal there is nobody to wait for. */
const WATCHED_RATE = 3_000_000;

const LOOPBACK_NETWORK: NetworkSettings = {
  plainHttpRegistries: [],
  insecureRegistries: [],
  caFiles: [],
  proxy: {},
  connectTimeoutMs: 10_000,
  headerTimeoutMs: 30_000,
  idleTimeoutMs: 30_000,
  retries: 0,
  credentials: {},
  hostsFolders: [],
  userAgent: `dray/${VERSION}`,
};

/** Serves a sample image on loopback and pulls it, with no network. */
export async function runDemo(
  session: Session,
  flags: GlobalFlags,
): Promise<void> {
  await using dir = await openDemoDir(session.flags.store);
  await using server = serveSample(session);
  session.note(`Serving a sample image at ${server.host}/${REPOSITORY}:${TAG}`);
  await using store = await Store.open(dir.path);
  const result = await pullSample(session, store, server.host);
  if (flags.json) return session.printJson(result);
  session.print(`${result.reference}@${result.digest}`);
  if (flags.quiet) return;
  for (const line of stored(session, store, result)) session.print(line);
  for (const line of farewell(session.flags.store)) session.note(line);
}

function serveSample(session: Session): RunningServer {
  const image = createSampleImage();
  const source = createMemorySource([
    { repository: REPOSITORY, tags: [TAG], image },
  ]);
  return startServer(createRegistryHandler(source), { signal: session.signal });
}

async function pullSample(
  session: Session,
  store: Store,
  host: string,
): Promise<PullResult> {
  // Loopback needs no proxy, no roots and no credentials, whatever the options say.
  using network = await openNetwork(
    { ...LOOPBACK_NETWORK, plainHttpRegistries: [host] },
    {
      onNotice: (): void => {},
      onWarning: (message): void => session.log("warn", message),
    },
  );
  return await pull(`${host}/${REPOSITORY}:${TAG}`, {
    store,
    client: network.client,
    onEvent: session.listener,
    signal: session.signal,
    ...(session.showsBars ? { limitRate: WATCHED_RATE } : {}),
  });
}

function stored(
  session: Session,
  store: Store,
  result: PullResult,
): readonly string[] {
  const image = store.findImage(result.reference);
  const layers = result.platforms.flatMap((platform) => platform.layers);
  const rows = layers.map((layer, index) => [
    `${index + 1}`,
    shortDigest(layer.digest),
    formatBytes(layer.size),
    layer.status,
  ]);
  const columns = [
    { title: "layer", align: "right" },
    { title: "digest" },
    { title: "size", align: "right" },
    { title: "status" },
  ] as const;
  const images = image === undefined ? [] : imageTable([image], session);
  return ["", ...images, "", ...formatTable(columns, rows)];
}

function farewell(storeDir: string | undefined): readonly string[] {
  const kept = storeDir === undefined
    ? []
    : ["", `The store is kept; look into it: dray images --store ${storeDir}`];
  return [...kept, "", "Now a real one: dray pull alpine"];
}
