import { type RunningCommand, spawnCommand } from "./run_command.ts";

/** What takes time to start and nobody here asks for. */
const UNUSED = [
  "io.containerd.grpc.v1.cri",
  "io.containerd.internal.v1.opt",
  ...["btrfs", "zfs", "devmapper", "aufs"].map((name) =>
    `io.containerd.snapshotter.v1.${name}`
  ),
];

/** A daemon of one's own, with an empty store; nothing of it is outside `folder`, which exists. */
export async function startContainerd(
  folder: string,
): Promise<RunningCommand & { readonly socket: string }> {
  const socket = `${folder}/containerd.sock`;
  await Deno.writeTextFile(
    `${folder}/config.toml`,
    `version = 2
root = "${folder}/root"
state = "${folder}/state"
disabled_plugins = [${UNUSED.map((name) => `"${name}"`)}]
[grpc]
  address = "${socket}"
[ttrpc]
  address = "${socket}.ttrpc"
`,
  );
  const daemon = spawnCommand("containerd", [
    "--config",
    `${folder}/config.toml`,
  ]);
  await daemon.stderrMatches(/successfully booted/);
  return Object.assign(daemon, { socket });
}
