import {
  NotFoundError,
  prune,
  pull,
  RegistryClient,
  Store,
  TransferEngine,
  unpackToStore,
  verify,
} from "../../src/mod.ts";

// A process of its own that pulls, removes, prunes and verifies at random until a moment, and
// fails at the first thing that is not as it should be. `--keep` opens the store once.

const [dir = "", until = "0", seed = "1", ...references] = Deno.args;

/** Numbers that look random, the same for a seed. */
function createRandom(state: number): () => number {
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const random = createRandom(Number(seed));
const counts = { pull: 0, rm: 0, unpack: 0, prune: 0, verify: 0, repair: 0 };
const client = new RegistryClient();

async function turn(store: Store, engine: TransferEngine): Promise<void> {
  const reference = references[Math.floor(random() * references.length)] ?? "";
  const choice = random();
  if (choice < 0.45) {
    counts.pull++;
    await using _kept = await store.retain();
    await pull(reference, { store, client, engine });
  } else if (choice < 0.7) {
    counts.rm++;
    await store.removeImage(reference);
  } else if (choice < 0.78) {
    counts.unpack++;
    await unpackIfThere(store, reference);
  } else if (choice < 0.87) {
    counts.prune++;
    await prune(store, { partialsOlderThanMs: random() < 0.5 ? 0 : 3_600_000 });
  } else {
    const isRepair = random() < 0.3;
    counts[isRepair ? "repair" : "verify"]++;
    const { missing, corrupt, repaired = [] } = await verify(store, {
      threads: 1,
      ...isRepair && { repair: { client, engine } },
    });
    const damage = [...missing, ...corrupt, ...repaired];
    if (damage.length > 0) throw new Error(`damaged: ${damage.join(" ")}`);
  }
}

async function unpackIfThere(store: Store, reference: string): Promise<void> {
  await using _kept = await store.retain();
  try {
    const { layers } = await unpackToStore(reference, { store });
    for (const { path = "" } of layers) Deno.statSync(`${path}/random.bin`);
  } catch (error) {
    // Another has forgotten it, or nobody has pulled it yet.
    if (!(error instanceof NotFoundError)) throw error;
  }
}

while (Date.now() < Number(until)) {
  await using store = await Store.open(dir);
  using engine = new TransferEngine({ client, store });
  for (let left = 20; left > 0 && Date.now() < Number(until); left--) {
    await turn(store, engine);
  }
}
console.log(JSON.stringify(counts));
