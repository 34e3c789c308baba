import { mustRun, runCommand } from "./run_command.ts";

/** Programs of others that tests run, by the Debian package that has them. */
const PACKAGES = {
  "docker-registry": "docker-registry",
  skopeo: "skopeo",
  umoci: "umoci",
  nginx: "nginx",
  curl: "curl",
  openssl: "openssl",
  sqlite3: "sqlite3",
  perl: "perl-base",
  ctr: "containerd",
  podman: "podman",
  zstd: "zstd",
  strace: "strace",
  bash: "bash",
  zsh: "zsh",
  fish: "fish",
  tmux: "tmux",
  man: "man-db",
  mandoc: "mandoc",
  dash: "dash",
  busybox: "busybox",
  shellcheck: "shellcheck",
} as const;

/** A program that tests may need. */
export type Peer = keyof typeof PACKAGES;

/** Which of the peers that were asked for are there. */
export interface Peers {
  readonly missing: readonly Peer[];
  /** Registers a test that needs them; ignored where one is missing. */
  test(
    name: string,
    run: (context: Deno.TestContext) => void | Promise<void>,
  ): void;
}

const LOCK_FILE = "/tmp/dray-test-peers.lock";

/**
 * Finds programs, and installs what is missing with apt-get where this is root on Debian.
 * Where that fails, says so on stderr and leaves the tests out; with CI=true it throws instead.
 *
 * @throws Error when a peer is missing and CI is true
 */
export async function requirePeers(...names: readonly Peer[]): Promise<Peers> {
  let missing = await findMissing(names);
  if (missing.length > 0 && canInstall()) {
    await install(names);
    missing = await findMissing(names);
  }
  if (missing.length > 0) {
    const packages = missing.map((name) => PACKAGES[name]).join(" ");
    const message = `tests need ${
      missing.join(", ")
    }: run "apt-get install ${packages}" as root`;
    if (Deno.env.get("CI") === "true") throw new Error(message);
    console.error(`\n!!! LEFT OUT: ${message}\n`);
  }
  return {
    missing,
    test: (name, run) =>
      Deno.test({ name, ignore: missing.length > 0, fn: run }),
  };
}

async function findMissing(names: readonly Peer[]): Promise<readonly Peer[]> {
  const found = await Promise.all(names.map(isThere));
  return names.filter((_, position) => found[position] !== true);
}

/** nginx and others stand in sbin, which is not on everybody's PATH. */
async function isThere(name: Peer): Promise<boolean> {
  const env = { PATH: `${Deno.env.get("PATH") ?? ""}:/usr/sbin:/sbin` };
  const result = await runCommand("/bin/sh", ["-c", 'command -v "$0"', name], {
    env,
  });
  return result.code === 0;
}

function canInstall(): boolean {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  try {
    return Deno.statSync("/usr/bin/apt-get").isFile;
  } catch {
    return false;
  }
}

/** One process installs at a time; the others find everything there when they get the lock. */
async function install(names: readonly Peer[]): Promise<void> {
  using lock = await Deno.open(LOCK_FILE, { create: true, write: true });
  await lock.lock(true);
  const missing = await findMissing(names);
  if (missing.length === 0) return;
  const packages = missing.map((name) => PACKAGES[name]);
  console.error(`installing ${packages.join(", ")} for tests against them`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  try {
    await mustRun("apt-get", ["update", "-q"], { env });
    await mustRun("apt-get", [
      "install",
      "-y",
      "-q",
      "--no-install-recommends",
      ...packages,
    ], { env });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
}
