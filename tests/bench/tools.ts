import { fileURLToPath } from "node:url";
import { startContainerd } from "../testing/containerd.ts";
import type { BenchCommand } from "./measure.ts";

/** What is pulled, in the forms that the tools want. */
export interface Target {
  /** `127.0.0.1:port/repository:latest`. */
  readonly reference: string;
  /** URLs of the layers, for `curl`. */
  readonly layerUrls: readonly string[];
  /** Where the registry keeps the layers. */
  readonly layerFiles: readonly string[];
}

/** A program that can pull. */
export interface Tool {
  readonly name: string;
  /** Whether its blobs are synced to disk before it says that it is done. */
  readonly syncs: boolean;
  /** Whether it checks digests. `curl` does not: it is no peer. */
  readonly verifies: boolean;
  /** It takes one layer after the other, so only a single one shows something. */
  readonly isFloor?: true;
  /** Where destinations must be: a folder that the tool can see. */
  readonly scratch: string;
  /** Starts what it can't run without; its time does not count. */
  prepare?(folder: string): Promise<AsyncDisposable>;
  /** @param destination A name in the folder that was prepared. */
  pull(target: Target, destination: string): BenchCommand;
}

/** Folder with a Debian sid made by debootstrap, with newer peers than Debian stable's. */
const SID = Deno.env.get("DRAY_BENCH_SID") ?? "/var/cache/dray-peers/sid";
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** dray itself: from `DRAY_BIN`, else from source. */
export function drayCommand(args: readonly string[]): BenchCommand {
  const binary = Deno.env.get("DRAY_BIN");
  return binary !== undefined ? { command: binary, args } : {
    command: Deno.execPath(),
    args: [
      "run",
      "--quiet",
      "-P=dray",
      `--config=${ROOT}deno.json`,
      `${ROOT}main.ts`,
      ...args,
    ],
  };
}

/** The tools that are installed, dray first. */
export async function findTools(scratch: string): Promise<readonly Tool[]> {
  const tools: Tool[] = [dray(scratch, true), dray(scratch, false)];
  if (await exists(`${SID}/usr/bin/crane`)) tools.push(crane(scratch));
  if (await exists(`${SID}/usr/bin/oras`)) tools.push(oras(scratch));
  if (await exists("/usr/bin/skopeo")) tools.push(skopeo(scratch));
  if (await exists(`${SID}/usr/bin/skopeo`)) tools.push(skopeoOfSid());
  if (await exists("/usr/bin/ctr")) tools.push(ctr(scratch));
  tools.push(curl(scratch), readFloor(scratch), hashFloor(scratch));
  return tools;
}

function dray(scratch: string, syncs: boolean): Tool {
  return {
    name: syncs ? "dray" : "dray --no-sync",
    syncs,
    verifies: true,
    scratch,
    pull: (target, destination) =>
      drayCommand([
        "pull",
        "-q",
        ...(syncs ? [] : ["--no-sync"]),
        "--platform=linux/amd64",
        `--store=${destination}`,
        target.reference,
      ]),
  };
}

function crane(scratch: string): Tool {
  return {
    name: "crane",
    syncs: false,
    verifies: true,
    scratch,
    pull: (target, destination) => ({
      command: `${SID}/usr/bin/crane`,
      args: ["pull", "--format=oci", target.reference, destination],
    }),
  };
}

function oras(scratch: string): Tool {
  return {
    name: "oras",
    syncs: false,
    verifies: true,
    scratch,
    pull: (target, destination) => ({
      command: `${SID}/usr/bin/oras`,
      args: [
        "copy",
        "--no-tty",
        "--from-plain-http",
        "--concurrency=8",
        target.reference,
        "--to-oci-layout",
        `${destination}:latest`,
      ],
    }),
  };
}

function skopeo(scratch: string): Tool {
  return {
    name: "skopeo (stable)",
    syncs: true,
    verifies: true,
    scratch,
    pull: (target, destination) => ({
      command: "/usr/bin/skopeo",
      args: skopeoArgs(target, destination),
    }),
  };
}

function skopeoOfSid(): Tool {
  return {
    name: "skopeo (sid)",
    syncs: true,
    verifies: true,
    scratch: `${SID}/tmp`,
    pull: (target, destination) => ({
      command: "/usr/sbin/chroot",
      args: [
        SID,
        "skopeo",
        ...skopeoArgs(target, destination.slice(SID.length)),
      ],
    }),
  };
}

function skopeoArgs(target: Target, destination: string): readonly string[] {
  return [
    "copy",
    "--quiet",
    "--insecure-policy",
    "--src-tls-verify=false",
    `docker://${target.reference}`,
    `oci:${destination}:latest`,
  ];
}

function curl(scratch: string): Tool {
  return {
    name: "curl, no hash",
    syncs: false,
    verifies: false,
    scratch,
    pull: (target, destination) => ({
      command: "curl",
      args: [
        "--silent",
        "--fail",
        "--parallel",
        "--parallel-max",
        "8",
        "--create-dirs",
        ...target.layerUrls.flatMap((url, index) => [
          "--output",
          `${destination}/${index}`,
          url,
        ]),
      ],
    }),
  };
}

/** Its daemon starts empty for each run; neither its processor time nor its memory is counted. */
function ctr(scratch: string): Tool {
  return {
    name: "ctr content fetch",
    syncs: true,
    verifies: true,
    scratch,
    prepare: startContainerd,
    pull: (target, destination) => ({
      command: "/usr/bin/ctr",
      args: [
        `--address=${destination.replace(/[^/]*$/, "containerd.sock")}`,
        "content",
        "fetch",
        "--plain-http",
        "--platform=linux/amd64",
        target.reference,
      ],
    }),
  };
}

/** One process that reads the layers and hashes them, and does nothing else. */
function readFloor(scratch: string): Tool {
  return {
    name: "floor: Deno reads and hashes",
    syncs: false,
    verifies: false,
    isFloor: true,
    scratch,
    pull: ({ layerUrls }) => floorCommand(layerUrls),
  };
}

/** The layers' hashes alone, over files that are in memory. */
function hashFloor(scratch: string): Tool {
  return {
    name: "floor: Deno hashes files",
    syncs: false,
    verifies: false,
    isFloor: true,
    scratch,
    pull: ({ layerFiles }) => floorCommand(layerFiles),
  };
}

function floorCommand(sources: readonly string[]): BenchCommand {
  const script = fileURLToPath(new URL("floor.ts", import.meta.url));
  return {
    command: Deno.execPath(),
    args: ["run", "--quiet", "--no-config", "-A", script, ...sources],
  };
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}
