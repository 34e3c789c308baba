import { readBundle } from "./read_bundle.ts";
import { PERMISSION_SET } from "./project.ts";
import { type TarEntry, writeTar } from "../src/tar/write_tar.ts";

/** Where dray is in an image of it. */
const HOME = "usr/lib/dray";

/** What starts dray in an image that has {@linkcode drayLayer}. */
export const DRAY_ENTRYPOINT: readonly string[] = [
  `/${HOME}/dray`,
  ...["run", "--quiet", "--no-prompt", "--no-lock", "--no-remote", "--no-npm"],
  ...["--node-modules-dir=none", `--config=/${HOME}/deno.json`],
  ...[`-P=${PERMISSION_SET}`, `/${HOME}/main.js`],
];

/**
 * A layer with Deno's executable and the program, as an archive that is the same each time.
 *
 * @param bundle The folder with the bundled program.
 */
export async function drayLayer(
  deno: Uint8Array,
  bundle: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const files = await readBundle(bundle);
  const folders = new Set<string>();
  for (const path of [...files.map((file) => file.path), ""]) {
    const parts = `${HOME}/${path}`.split("/").slice(0, -1);
    parts.forEach((_, end) => folders.add(parts.slice(0, end + 1).join("/")));
  }
  const entries: TarEntry[] = [
    ...[...folders].sort().map((path) =>
      ({ path, type: "directory" }) as const
    ),
    { path: `${HOME}/dray`, mode: 0o755, content: deno },
    ...files.map(({ path, content }) => ({ path: `${HOME}/${path}`, content })),
  ];
  return writeTar(entries);
}
