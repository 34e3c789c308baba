import type { Descriptor } from "../spec/descriptor.ts";
import type { Digest } from "../spec/digest.ts";
import { parseDocument } from "../spec/manifest.ts";
import { OCI_INDEX } from "../spec/media_type.ts";
import { fetchVerified } from "./fetch_verified.ts";
import type { CallOptions, RegistryContext } from "./registry_context.ts";
import { type Repository, repositoryText } from "./repository_name.ts";

/**
 * Lists what refers to a digest (OCI distribution specification 1.1, listing referrers): the
 * first page, which with registries of today is all of it.
 *
 * @throws NotFoundError where the registry has no such list; then a tag may hold one.
 */
export async function listReferrers(
  context: RegistryContext,
  repository: Repository,
  subject: Digest,
  options: CallOptions = {},
): Promise<readonly Descriptor[]> {
  const { bytes, digest, contentType } = await fetchVerified(
    context,
    repository,
    {
      ...options,
      action: "list referrers",
      what: `${repositoryText(repository)}@${subject}`,
      path: `referrers/${subject}`,
      accept: OCI_INDEX,
      needs: "pull",
    },
  );
  const document = parseDocument(bytes, {
    descriptor: { mediaType: "", digest, size: bytes.length },
    contentType,
  });
  return document.kind === "index" ? document.index.manifests : [];
}
