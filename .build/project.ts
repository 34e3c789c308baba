import { fileURLToPath } from "node:url";
import { OperationError } from "../src/errors.ts";
import config from "../deno.json" with { type: "json" };

/** The repository's folder, with a slash at its end. */
export const ROOT: string = fileURLToPath(new URL("../", import.meta.url));

/** The name of the permission set that dray runs with. */
export const PERMISSION_SET = "dray";

/** Deno's version that everything is built with. */
export async function readDenoVersion(): Promise<string> {
  return (await Deno.readTextFile(`${ROOT}.dvmrc`)).trim();
}

/** A deno.json that has nothing but the permissions that deno.json gives dray. */
export function permissionConfig(): string {
  const permissions = { [PERMISSION_SET]: config.permissions[PERMISSION_SET] };
  return JSON.stringify({ permissions }, undefined, 2) + "\n";
}

/**
 * Bundles, and with them executables, are the same bytes only from the same Deno.
 *
 * @throws OperationError when this isn't the Deno that `.dvmrc` names
 */
export async function checkDenoVersion(): Promise<void> {
  const version = await readDenoVersion();
  if (Deno.version.deno === version) return;
  throw new OperationError(
    "other-deno",
    `Cannot build with Deno ${Deno.version.deno}: .dvmrc names ${version}`,
    { hint: `npx --yes deno@${version} task compile` },
  );
}
