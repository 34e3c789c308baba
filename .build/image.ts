/**
 * Builds an OCI image of dray itself: `deno task image --help`.
 */
import { resolve } from "node:path";
import { UsageError } from "../src/errors.ts";
import { bundleProgram } from "./bundle_program.ts";
import { fetchDeno } from "./fetch_deno.ts";
import { makeImage } from "./make_image.ts";
import { parseFlags } from "./parse_flags.ts";
import { checkDenoVersion } from "./project.ts";
import { reportFailure } from "./report_failure.ts";
import { parseTarget } from "./targets.ts";

const USAGE = `Usage: deno task image --base REF [--target TARGET] [--out FILE]

Makes an OCI archive that dray import, skopeo, podman load and ctr read: the
base, which dray pulls, with a layer of Deno and dray on it.

  --base REF       an image with glibc, best named by digest; it needs no shell
  --target TARGET  linux-x86_64 (default) or linux-aarch64
  --out FILE       default: dist/dray-TARGET.oci.tar
`;
const PLATFORMS: Readonly<Record<string, string>> = {
  "linux-x86_64": "linux/amd64",
  "linux-aarch64": "linux/arm64",
};

async function image(): Promise<void> {
  const values = parseFlags("image", Deno.args, {
    base: { type: "string" },
    target: { type: "string", default: "linux-x86_64" },
    out: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  });
  if (values.help) return console.log(USAGE.trimEnd());
  const { name, deno } = parseTarget(values.target);
  const platform = PLATFORMS[name];
  const { base } = values;
  if (base === undefined || deno === undefined || platform === undefined) {
    const why = base === undefined
      ? "--base is missing"
      : `there are none of "${name}"`;
    throw new UsageError("bad-usage", `Cannot make an image: ${why}`, {
      hint: "deno task image --help",
    });
  }
  await checkDenoVersion();
  const out = resolve(values.out ?? `dist/dray-${name}.oci.tar`);
  await Deno.mkdir(resolve(out, ".."), { recursive: true });
  const scratch = await Deno.makeTempDir({ prefix: "dray-image-" });
  try {
    const bundle = `${scratch}/bundle`;
    await bundleProgram(bundle);
    const program = await fetchDeno(deno, scratch);
    const parts = { base, platform, deno: program, bundle, scratch };
    await makeImage(parts, out);
    console.log(out);
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

await reportFailure("image", image);
