import { createHash } from "node:crypto";
import { IntegrityError, UnavailableError } from "../src/errors.ts";
import { readDenoVersion } from "./project.ts";
import { mustRunProgram, runProgram } from "./run_program.ts";
import type { DenoPackage } from "./targets.ts";

/**
 * Gets Deno's executable for another machine from the npm registry, through the npm client.
 *
 * @param folder Where it may write.
 * @throws UnavailableError when npm can't get it
 * @throws IntegrityError when it isn't what `targets.ts` says
 */
export async function fetchDeno(
  { name, integrity }: DenoPackage,
  folder: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const spec = `${name}@${await readDenoVersion()}`;
  const archive = `${folder}/${await packPackage(spec, folder)}`;
  const hash = createHash("sha512").update(await Deno.readFile(archive));
  checkIntegrity(spec, `sha512-${hash.digest("base64")}`, integrity);
  const member = "package/deno";
  await mustRunProgram("tar", ["-xzf", archive, "-C", folder, member]);
  return await Deno.readFile(`${folder}/${member}`);
}

/** @returns the archive's name. */
async function packPackage(spec: string, folder: string): Promise<string> {
  const { success, stdout, stderr } = await runProgram("npm", [
    "pack",
    "--silent",
    "--ignore-scripts",
    "--pack-destination",
    folder,
    spec,
  ], { cwd: folder });
  if (success) return stdout.trim().split("\n").at(-1) ?? "";
  const why = stderr.trim().split("\n")[0] ?? "";
  throw new UnavailableError(
    "npm-failed",
    `Cannot get "${spec}": npm pack failed: ${why}`,
    { hint: `npm view ${spec} tells more; npm config get registry` },
  );
}

/** @throws IntegrityError when they differ */
export function checkIntegrity(
  spec: string,
  actual: string,
  expected: string,
): void {
  if (actual === expected) return;
  throw new IntegrityError(
    "other-deno",
    `Cannot use "${spec}": its integrity is ${actual}, not ${expected}`,
    {
      hint: `npm view ${spec} dist.integrity, then .build/targets.ts`,
      details: { actual, expected },
    },
  );
}
