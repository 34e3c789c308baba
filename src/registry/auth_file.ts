import { findFileText } from "../io/find_file_text.ts";
import { localCall } from "../io/local_error.ts";
import { parseRoot } from "./auth_config.ts";
import { findKeyTarget, normalizeHost } from "./auth_key.ts";

type Entries = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * Replaces a registry's entries in a credentials file and leaves all else in it
 * alone. The file is only its owner's to read, and whole at any moment.
 *
 * @param entries In place of those that are there for the registry, whatever their keys.
 * @throws UsageError config-invalid
 * @throws LocalError
 */
export async function changeAuthFile(
  path: string,
  registry: string,
  entries: Entries,
): Promise<void> {
  const target = await followLink(path);
  const root = parseRoot(await findFileText(target) ?? "", path);
  const name = normalizeHost(registry);
  const auths = root["auths"];
  const others = typeof auths === "object" && auths !== null
    ? Object.entries(auths).filter(([key]) => findKeyTarget(key) !== name)
    : [];
  const changed = {
    ...root,
    auths: { ...Object.fromEntries(others), ...entries },
  };
  await writeSecretFile(
    target,
    `${JSON.stringify(changed, undefined, "\t")}\n`,
  );
}

/** Nobody but the owner can read it, not even while it is being written. */
async function writeSecretFile(path: string, text: string): Promise<void> {
  await localCall("write", path, async () => {
    await Deno.mkdir(parentOf(path), { recursive: true, mode: 0o700 });
    const temporary = `${path}.${crypto.randomUUID()}.tmp`;
    try {
      await writeNewSecret(temporary, new TextEncoder().encode(text));
      await Deno.rename(temporary, path);
    } catch (error) {
      await Deno.remove(temporary).catch(() => {
        // It may never have been made; the failure above is the one to tell of.
      });
      throw error;
    }
  });
}

async function writeNewSecret(path: string, bytes: Uint8Array): Promise<void> {
  using file = await Deno.open(path, {
    write: true,
    createNew: true,
    mode: 0o600,
  });
  for (let written = 0; written < bytes.length;) {
    written += await file.write(bytes.subarray(written));
  }
  await file.sync();
}

/** People keep such files elsewhere and link to them: the link stays. */
function followLink(path: string): Promise<string> {
  return localCall("read", path, async () => {
    try {
      return await Deno.realPath(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return path;
      throw error;
    }
  });
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(path.search(/[/\\][^/\\]*$/), 1));
}
