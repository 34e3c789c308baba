import {
  type FakeRegistry,
  startFakeRegistry,
} from "../testing/fake_registry.ts";
import { buildImage, type TestImage } from "../testing/image_builder.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { type CliOutcome, runInProcess } from "../cli/fake_host.ts";

/** A registry and a store beside it, worked on by command lines in this process. */
export interface MaintainedStore extends AsyncDisposable {
  readonly registry: FakeRegistry;
  readonly dir: string;
  run(...args: readonly string[]): Promise<CliOutcome>;
  /** Pushes an image and pulls it; returns its reference. */
  pull(name: string, image: TestImage): Promise<string>;
  blobPath(blob: { readonly descriptor: { readonly digest: string } }): string;
}

/** Starts both: `await using kit = await maintainedStore()`. */
export async function maintainedStore(): Promise<MaintainedStore> {
  const registry = startFakeRegistry();
  const temp = await tempDir();
  const dir = temp.join("store");
  const run = (...args: readonly string[]): Promise<CliOutcome> =>
    runInProcess([...args, "--store", dir]);
  return {
    registry,
    dir,
    run,
    async pull(name, image) {
      const [repository = name, tag = "latest"] = name.split(":");
      const reference = registry.push(repository, tag, image);
      const { code, stderr } = await run("pull", "-q", reference);
      if (code !== 0) throw new Error(stderr);
      return reference;
    },
    blobPath: ({ descriptor }) =>
      `${dir}/blobs/${descriptor.digest.replace(":", "/")}`,
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      await temp[Symbol.asyncDispose]();
    },
  };
}

/** An image with a layer that others have, and one of its own. */
export function imageWith(seed: number, bytes = 40_000): TestImage {
  return buildImage({
    layers: [{ seed: 1, randomBytes: bytes }, { seed, randomBytes: bytes }],
    config: { author: `author ${seed}` },
  });
}
