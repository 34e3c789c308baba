import { IntegrityError } from "../errors.ts";
import { createHasher } from "../io/hash.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import { type Digest, digestAlgorithm } from "../spec/digest.ts";
import { quoteText } from "../spec/escape_text.ts";
import {
  OCI_LAYER,
  OCI_LAYER_GZIP,
  OCI_LAYER_ZSTD,
} from "../spec/media_type.ts";
import {
  type Compression,
  findCompression,
  MAGIC_BYTES,
} from "../unpack/compression.ts";
import { decompress } from "../unpack/decompress.ts";
import { LimitGuard } from "../unpack/unpack_limits.ts";
import type { ImageFile } from "./image_files.ts";
import { inOurWords } from "./inflate_archive.ts";

type LayerDescriptor = Pick<Descriptor, "mediaType" | "digest" | "size">;

const MEDIA_TYPES: Readonly<Record<Compression, string>> = {
  none: OCI_LAYER,
  gzip: OCI_LAYER_GZIP,
  zstd: OCI_LAYER_ZSTD,
};

/**
 * Describes a layer of a docker archive as it stands there. One that isn't compressed has its
 * diffID as digest, which its way into the store checks; another is read through here.
 *
 * @throws IntegrityError `digest-mismatch`, `compression-…`, `limit-exceeded`
 */
export async function describeLayer(
  file: ImageFile,
  path: string,
  diffId: Digest,
): Promise<LayerDescriptor> {
  try {
    const compression = findCompression(await readHead(file));
    const mediaType = MEDIA_TYPES[compression];
    const { size } = file;
    if (compression === "none") return { mediaType, digest: diffId, size };
    const { digest, actual } = await hashBoth(file, diffId);
    if (actual === diffId) return { mediaType, digest, size };
    throw wrongContent(path, diffId, actual);
  } catch (error) {
    throw inOurWords(error, path);
  }
}

/** The digests of a layer as it is, and of what is in it. */
async function hashBoth(
  file: ImageFile,
  diffId: Digest,
): Promise<{ readonly digest: Digest; readonly actual: Digest }> {
  const outer = createHasher("sha256");
  const inner = createHasher(digestAlgorithm(diffId));
  const count = new LimitGuard().startLayer(file.size);
  const hashed = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of file.chunks()) {
      outer.update(chunk);
      yield chunk;
    }
  };
  for await (const chunk of decompress(hashed())) {
    inner.update(chunk);
    count(chunk.length);
  }
  return { digest: outer.digest(), actual: inner.digest() };
}

async function readHead(file: ImageFile): Promise<Uint8Array> {
  for await (const chunk of file.chunks()) {
    return chunk.slice(0, MAGIC_BYTES);
  }
  return new Uint8Array();
}

function wrongContent(
  path: string,
  expected: Digest,
  actual: Digest,
): IntegrityError {
  return new IntegrityError(
    "digest-mismatch",
    `Cannot import layer ${
      quoteText(path)
    }: its content has diffID "${actual}", not "${expected}"`,
    { details: { expected, actual } },
  );
}
