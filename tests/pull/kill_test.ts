import assert from "node:assert/strict";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import { BLOBS, throttle } from "../testing/faults.ts";
import { buildImage } from "../testing/image_builder.ts";
import { spawnCommand } from "../testing/run_command.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { digestOf } from "../testing/test_bytes.ts";

const CHILD = new URL("kill_child.ts", import.meta.url).pathname;
/** Ten minutes: 200 kills of one pull of 1000 MiB. */
const SOAK = Deno.env.has("DRAY_SOAK");
const KILLS = SOAK ? 200 : 25;
/** Twice what flows from one kill to the next, so that each one hits, also on a busy machine. */
const BYTES_PER_KILL = SOAK ? 5 * 2 ** 20 : 512 * 1024;
const LONGEST_RUN_MS = SOAK ? 3_000 : 250;
const BYTES_PER_SECOND = 256 * 1024;
/**
 * What a kill may cost: 128 KiB that the log of ranges does not name yet, and on each of eight
 * connections some of the 25 KiB that the server sends at a time. Of 5 MiB that is the twentieth
 * part.
 */
const LOST_BYTES_PER_KILL = SOAK ? 0 : 256 * 1024;

/** Numbers from 0 up to 1, the same in every run. */
function* pseudoRandom(): Generator<number, never> {
  for (let state = 20260101;;) {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    yield state / 2 ** 31;
  }
}

Deno.test("a pull that is killed again and again goes on each time, and ends right", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir("dray-kill-");
  const image = buildImage({
    layers: [{ randomBytes: KILLS * BYTES_PER_KILL }],
  });
  const size = image.layers[0]?.bytes.length ?? 0;
  const reference = registry.push("a", "b", image);
  registry.fault({ match: BLOBS, fault: throttle(BYTES_PER_SECOND) });
  const random = pseudoRandom();
  let kills = 0;
  for (;;) {
    await using child = spawnCommand(Deno.execPath(), [
      ...["run", "--no-check", "--allow-all", "--quiet", CHILD],
      ...[reference, dir.path],
    ]);
    await Promise.race([child.stderrMatches(/flows|done/), child.result]);
    if (kills < KILLS) {
      const timer = setTimeout(
        () => child.kill("SIGKILL"),
        random.next().value * LONGEST_RUN_MS,
      );
      const { signal } = await child.result;
      clearTimeout(timer);
      if (signal === "SIGKILL") {
        kills++;
        continue;
      }
    }
    const { stderr } = await child.result;
    assert.match(stderr, new RegExp(`done ${image.root.descriptor.digest}`));
    break;
  }
  assert.equal(kills, KILLS, "the pull ended before all kills had hit");
  const hex = image.layers[0]?.descriptor.digest.slice(7) ?? "";
  const stored = await Deno.readFile(`${dir.path}/blobs/sha256/${hex}`);
  assert.equal(digestOf(stored), image.layers[0]?.descriptor.digest);
  const sent = registry.requests.filter(({ path }) => path.endsWith(hex))
    .reduce((sum, { bytesSent }) => sum + bytesSent, 0);
  assert.ok(
    sent <= size * 1.05 + kills * LOST_BYTES_PER_KILL,
    `${sent} bytes sent for ${size}, ${kills} kills`,
  );
  const twice = ((sent / size - 1) * 100).toFixed(1);
  if (SOAK) console.log(`${twice} % sent twice over ${kills} kills`);
});
