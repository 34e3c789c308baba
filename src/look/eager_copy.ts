import type { ArchiveEntry } from "../tar/archive_entry.ts";
import type { FindResult } from "../unpack/find_merged.ts";
import { PlainContent, plainSink } from "../unpack/plain_content.ts";
import type { LayerWatcher } from "./layer_search.ts";

/** A file that was found while its layer was read. */
type FoundResult = FindResult & { readonly kind: "found" };

/**
 * Copies a file while its layer is on its way. It takes the first entry that answers the
 * question: what follows in the same layer, and is never seen, is taken not to be the same file
 * again.
 */
export class EagerCopy {
  /** The file, once all of it was written. */
  found: FoundResult | undefined;
  readonly #write: (bytes: Uint8Array) => void;

  /** @param write Takes bytes that are valid during the call only. */
  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
  }

  /**
   * Watches the next layer.
   *
   * @param pending The path that is looked for, links followed as far as they are known.
   * @param ask What the layers so far say, this one as far as it was read.
   */
  watch(layer: number, pending: string, ask: () => FindResult): LayerWatcher {
    const content = new PlainContent(plainSink(this.#write));
    let wanted = joinNames(pending);
    let current: FoundResult | undefined;
    const isDone = (): boolean => this.found !== undefined;
    const findHere = (index: number): FoundResult | undefined => {
      const answer = ask();
      if (answer.kind === "unknown") wanted = joinNames(answer.pending);
      if (answer.kind !== "found" || answer.node.kind !== "leaf") {
        return undefined;
      }
      const { origin, entry } = answer.node;
      const isHere = origin.layer === layer && origin.index === index;
      return isHere && entry.type === "file" ? answer : undefined;
    };
    return {
      get isDone() {
        return isDone();
      },
      onEntry: (entry, index) => {
        if (isDone() || !concerns(entry, wanted)) return;
        current = findHere(index);
        if (current !== undefined) content.start(entry);
      },
      data: (bytes, offset) => {
        if (current !== undefined) content.add(bytes, offset);
      },
      end: () => {
        if (current === undefined) return;
        content.end();
        this.found = current;
        current = undefined;
      },
    };
  }
}

/** The file itself, or a link on the way to it. */
function concerns({ type, path }: ArchiveEntry, wanted: string): boolean {
  if (type !== "file" && type !== "symlink") return false;
  const name = joinNames(path);
  return name === wanted ||
    type === "symlink" && wanted.startsWith(`${name}/`);
}

function joinNames(path: string): string {
  return path.split("/").filter((name) => name !== "" && name !== ".")
    .join("/");
}
