import { OperationError } from "../src/errors.ts";
import { VERSION } from "../src/cli/version.ts";
import { addLayer } from "./add_layer.ts";
import { DRAY_ENTRYPOINT, drayLayer } from "./dray_layer.ts";
import { PERMISSION_SET, ROOT } from "./project.ts";
import { runProgram } from "./run_program.ts";

/** What an image of dray is made from. */
export interface ImageParts {
  /** A reference to an image with glibc: `gcr.io/distroless/cc-debian12@sha256:…`. */
  readonly base: string;
  /** `linux/amd64`. */
  readonly platform: string;
  /** Deno's executable for that platform. */
  readonly deno: Uint8Array;
  /** The folder with the bundled program. */
  readonly bundle: string;
  /** A folder for what is only needed on the way. */
  readonly scratch: string;
  /** How hard gzip tries. Default: 6. */
  readonly level?: number;
}

/**
 * Makes an OCI archive of dray with dray: the base is pulled, gets a layer, and is exported.
 *
 * @param out The archive's path.
 * @throws OperationError with what dray says, for example when the base can't be pulled
 */
export async function makeImage(
  { base, platform, deno, bundle, scratch, level = 6 }: ImageParts,
  out: string,
): Promise<void> {
  const layout = `${scratch}/layout`;
  const pulled = `--store=${scratch}/pulled`;
  const [reference = base] = (await dray(
    ["pull", "-q", "--no-sync", pulled, `--platform=${platform}`, base],
  )).trim().split("@", 1);
  const form = ["--format=oci-dir", `--output=${layout}`, "--no-sync"];
  await dray(["export", "-q", pulled, ...form, reference]);
  await addLayer(layout, {
    archive: await drayLayer(deno, bundle),
    level,
    createdBy: `dray ${VERSION}`,
    entrypoint: DRAY_ENTRYPOINT,
    // A home folder may be missing, or not be the user's.
    env: ["DENO_DIR=/tmp/deno", "DENO_NO_UPDATE_CHECK=1"],
  });
  const name = `localhost/dray:${VERSION}`;
  const made = `--store=${scratch}/made`;
  await dray(["import", "-q", "--no-sync", made, "--tag", name, layout]);
  await dray(["export", "-q", made, `--output=${out}`, name]);
}

/** Runs dray from source, with a user's own configuration and credentials. */
async function dray(args: readonly string[]): Promise<string> {
  const config = ["--config", `${ROOT}deno.json`, `-P=${PERMISSION_SET}`];
  const start = ["run", "--quiet", "--no-prompt", ...config, `${ROOT}main.ts`];
  const run = await runProgram(Deno.execPath(), [...start, ...args]);
  if (run.success) return run.stdout;
  const [, why = ""] = /^dray: error: (.*)$/m.exec(run.stderr) ?? [];
  const [, hint] = /^hint: (.*)$/m.exec(run.stderr) ?? [];
  throw new OperationError("no-image", why, { hint });
}
