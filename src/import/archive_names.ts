import { DrayError } from "../errors.ts";
import type { Digest } from "../spec/digest.ts";
import { formatReference, parseReference } from "../spec/reference.ts";
import { REF_NAME } from "../store/layout.ts";
import type { ArchivedImage } from "./import_options.ts";

/** What containerd, and so docker, calls an image by. */
const CONTAINERD_NAME = "io.containerd.image.name";

type Names = Pick<ArchivedImage, "names" | "labels">;

/** What the annotations of an index.json call an image: skopeo reads one of them, docker another. */
export function namesOfAnnotations(
  annotations: Readonly<Record<string, string>> = {},
): Names {
  const texts = [annotations[CONTAINERD_NAME], annotations[REF_NAME]]
    .filter((text) => text !== undefined);
  return sortNames(texts, (text) => /[:/]/.test(text));
}

/** What a docker archive calls an image. */
export function namesOfTags(tags: readonly string[]): Names {
  return sortNames(tags, () => true);
}

/** A bare word is a tag in an OCI layout, and a repository in a docker archive. */
function sortNames(
  texts: readonly string[],
  mayBeReference: (text: string) => boolean,
): Names {
  const names = new Set<string>();
  const labels = new Set<string>();
  for (const text of texts) {
    const name = mayBeReference(text) ? findReference(text) : undefined;
    if (name === undefined) labels.add(text);
    else names.add(name);
  }
  return { names: [...names], labels: [...labels] };
}

/**
 * What an image is called that nobody has named: its digest, in a repository that is no registry's
 * on the network (podman keeps such images below `localhost/`, too).
 */
export function unnamedReference(digest: Digest): string {
  return `localhost/imported@${digest}`;
}

/** The canonical reference that a text is, if it is one. */
export function findReference(text: string): string | undefined {
  try {
    return formatReference(parseReference(text));
  } catch (error) {
    if (error instanceof DrayError) return undefined;
    throw error;
  }
}
