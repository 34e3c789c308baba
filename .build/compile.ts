/**
 * Builds dray's executables: `deno task compile --help`.
 */
import { resolve } from "node:path";
import { bundleProgram } from "./bundle_program.ts";
import { compileNative } from "./compile_native.ts";
import { compileSelfExtracting } from "./compile_self_extracting.ts";
import { type CompileOptions, parseOptions, USAGE } from "./parse_options.ts";
import { checkDenoVersion } from "./project.ts";
import { reportFailure } from "./report_failure.ts";

/** Prints the path of each executable as it is done. */
async function compile(options: CompileOptions): Promise<void> {
  await checkDenoVersion();
  const out = resolve(options.out);
  await Deno.mkdir(out, { recursive: true });
  const scratch = await Deno.makeTempDir({ prefix: "dray-compile-" });
  try {
    const bundle = `${scratch}/bundle`;
    await bundleProgram(bundle);
    for (const target of options.targets) {
      const { name, deno } = target;
      console.log(
        options.selfExtracting && deno !== undefined
          ? await compileSelfExtracting({ name, deno, bundle, scratch }, out)
          : await compileNative(target, { bundle, scratch }, out),
      );
    }
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

await reportFailure("compile", async () => {
  const options = parseOptions(Deno.args);
  if (options.help) console.log(USAGE.trimEnd());
  else await compile(options);
});
