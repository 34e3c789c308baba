import { IntegrityError } from "../errors.ts";
import { digestBytes } from "../io/hash.ts";
import { isDigest } from "../spec/digest.ts";
import { quoteText } from "../spec/escape_text.ts";
import { parseJson } from "../spec/json_document.ts";
import { foldNames, JsonObject } from "../spec/json_object.ts";
import { readText } from "../spec/json_value.ts";
import { MAX_LAYERS, MAX_MANIFESTS } from "../spec/manifest.ts";
import { namesOfTags } from "./archive_names.ts";
import { type ImageFiles, readDocument } from "./image_files.ts";
import { loadDockerImage } from "./load_docker_image.ts";
import type { Candidate } from "./loaded_image.ts";

/** An item of a docker archive's manifest.json, with the config that it names. */
export interface DockerItem {
  readonly config: Uint8Array<ArrayBuffer>;
  readonly tags: readonly string[];
  /** Paths in the archive, lowest first. */
  readonly layers: readonly string[];
}

const MEMBERS = foldNames(["Config", "RepoTags", "Layers"]);

/**
 * The images of an archive that `docker save` or another tool wrote; undefined where it is none.
 *
 * @throws IntegrityError `document-invalid`, `blob-missing`, `digest-mismatch`
 */
export async function findDockerCandidates(
  files: ImageFiles,
): Promise<readonly Candidate[] | undefined> {
  const file = files.find("manifest.json");
  if (file === undefined) return undefined;
  const bytes = await readDocument(files, file, "manifest.json");
  const items = parseJson(bytes, "manifest.json");
  if (!Array.isArray(items) || items.length > MAX_MANIFESTS) {
    throw new IntegrityError(
      "document-invalid",
      `Cannot read manifest.json: it is no list of up to ${MAX_MANIFESTS} images`,
    );
  }
  const candidates: Candidate[] = [];
  for (const [position, value] of items.entries()) {
    const where = `manifest.json, [${position}]`;
    candidates.push(await readCandidate(files, value, where));
  }
  return candidates;
}

async function readCandidate(
  files: ImageFiles,
  value: unknown,
  where: string,
): Promise<Candidate> {
  const object = new JsonObject(value, where).refuseOtherCase(MEMBERS);
  const path = object.text("Config");
  const config = await readConfigFile(files, path);
  const digest = await digestBytes("sha256", config);
  checkName(path, digest);
  const item: DockerItem = {
    config,
    tags: object.findList("RepoTags", readText, MAX_MANIFESTS) ?? [],
    layers: object.findList("Layers", readText, MAX_LAYERS) ?? [],
  };
  return {
    ...namesOfTags(item.tags),
    digest,
    load: (platforms) => loadDockerImage(files, item, platforms),
  };
}

async function readConfigFile(
  files: ImageFiles,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const file = files.find(path);
  if (file !== undefined) return await readDocument(files, file, path);
  throw new IntegrityError(
    "blob-missing",
    `Cannot import ${quoteText(files.name)}: config ${
      quoteText(path)
    } is not in it`,
  );
}

/** A file that is called by a digest must have it. */
function checkName(path: string, digest: string): void {
  const hex = /(?:^|[/:])([0-9a-f]{64})(?:\.json)?$/.exec(path)?.[1];
  if (hex === undefined || !isDigest(`sha256:${hex}`)) return;
  if (digest === `sha256:${hex}`) return;
  throw new IntegrityError(
    "digest-mismatch",
    `Cannot import config ${quoteText(path)}: its bytes have digest ${digest}`,
    { details: { expected: `sha256:${hex}`, actual: digest } },
  );
}
