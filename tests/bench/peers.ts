import { mustRun } from "../testing/run_command.ts";
import { requirePeers } from "../testing/peers.ts";

/**
 * Sees to it that what every case needs is installed. Newer peers (`crane`,
 * `oras`, `skopeo` of Debian sid) are used where `DRAY_BENCH_SID` names a
 * folder that debootstrap made; the README says how.
 *
 * @throws Error naming what is missing and can't be installed.
 */
export async function ensurePeers(): Promise<void> {
  const { missing } = await requirePeers(
    "docker-registry",
    "skopeo",
    "nginx",
    "curl",
  );
  if (missing.length > 0) {
    throw new Error(`The bench needs ${missing.join(", ")}`);
  }
  try {
    await Deno.stat("/usr/bin/time");
  } catch {
    await mustRun("apt-get", ["install", "-y", "-q", "time"]);
  }
}
