import { IntegrityError } from "../errors.ts";
import { digestBytes } from "../io/hash.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import { quoteText } from "../spec/escape_text.ts";
import { parseDocument } from "../spec/manifest.ts";
import { isIndexType, isManifestType } from "../spec/media_type.ts";
import { namesOfAnnotations } from "./archive_names.ts";
import { type ImageFiles, readDocument } from "./image_files.ts";
import type { Candidate } from "./loaded_image.ts";
import { loadOciImage } from "./load_oci_image.ts";

/**
 * The images of an OCI image layout; undefined where it is none.
 *
 * @throws IntegrityError `document-invalid`, `document-too-large`
 */
export async function findOciCandidates(
  files: ImageFiles,
): Promise<readonly Candidate[] | undefined> {
  const layout = files.find("oci-layout");
  const index = files.find("index.json");
  if (layout === undefined || index === undefined) return undefined;
  await checkVersion(files);
  const bytes = await readDocument(files, index, "index.json");
  const digest = await digestBytes("sha256", bytes);
  const descriptor = { mediaType: "", digest, size: bytes.length };
  const document = parseDocument(bytes, { descriptor, where: "index.json" });
  if (document.kind !== "index") {
    throw new IntegrityError(
      "document-invalid",
      "Cannot read index.json: it is no index",
    );
  }
  return document.index.manifests.filter(isImage).map((root) => ({
    ...namesOfAnnotations(root.annotations),
    digest: root.digest,
    load: (platforms) => loadOciImage(files, root, platforms),
  }));
}

function isImage({ mediaType }: Descriptor): boolean {
  return isManifestType(mediaType) || isIndexType(mediaType);
}

async function checkVersion(files: ImageFiles): Promise<void> {
  const file = files.find("oci-layout");
  if (file === undefined) return;
  const bytes = await readDocument(files, file, "oci-layout");
  const text = new TextDecoder().decode(bytes);
  const version = /"imageLayoutVersion"\s*:\s*"([^"]*)"/.exec(text)?.[1];
  if (version?.startsWith("1.")) return;
  throw new IntegrityError(
    "document-invalid",
    `Cannot read oci-layout: its version is ${
      quoteText(version ?? "missing")
    }, this dray knows 1.x`,
  );
}
