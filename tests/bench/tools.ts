import { fileURLToPath } from "node:url";
import type { BenchCommand } from "./measure.ts";

/** What is pulled, in the forms that the tools want. */
export interface Target {
  /** `127.0.0.1:port/repository:latest`. */
  readonly reference: string;
  /** URLs of the layers, for `curl`. */
  readonly layerUrls: readonly string[];
}

/** A program that can pull. */
export interface Tool {
  readonly name: string;
  /** Whether its blobs are synced to disk before it says that it is done. */
  readonly syncs: boolean;
  /** Whether it checks digests. `curl` does not: it is the floor, not a peer. */
  readonly verifies: boolean;
  /** Where destinations must be: a folder that the tool can see. */
  readonly scratch: string;
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
  tools.push(curl(scratch));
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

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}
