import { basename } from "node:path";
import { hashBytes } from "../src/io/hash.ts";

/** Writes an executable whole or not at all, and its SHA-256 beside it as `sha256sum -c` reads it. */
export async function writeExecutable(
  path: string,
  bytes: Uint8Array,
): Promise<void> {
  const aside = `${path}.${Deno.pid}.new`;
  await Deno.writeFile(aside, bytes, { mode: 0o755 });
  await Deno.rename(aside, path);
  const hex = hashBytes("sha256", bytes).slice("sha256:".length);
  await Deno.writeTextFile(`${path}.sha256`, `${hex}  ${basename(path)}\n`);
}
