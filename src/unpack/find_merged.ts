import { MAX_LINKS } from "./follow_merged.ts";
import {
  type EntryOrigin,
  isBefore,
  lookIn,
  type MergedFolder,
  type MergedNode,
} from "./merged_node.ts";

/** What a path means in a merged tree. */
export type FindResult =
  | { readonly kind: "found"; readonly node: MergedNode; readonly rel: string }
  | { readonly kind: "absent" | "not-a-folder" | "link-loop" }
  /** Only the layers below can tell. */
  | {
    readonly kind: "unknown";
    /** The path that is to be looked for there. */
    readonly pending: string;
    /** Whether it is there, but not beyond doubt. */
    readonly isDoubtful?: boolean;
  };

/** How a path was followed. */
export interface FindTrace {
  /** All names that were looked for. */
  readonly names: ReadonlySet<string>;
  /** Paths, links resolved, that were looked at. */
  readonly rels: ReadonlySet<string>;
  /** Whether it led through a folder that may be a link. */
  readonly isAssumed: boolean;
  /** Whether a name was looked for twice. */
  readonly hasTwins: boolean;
  /** The path as far as links in it were followed. */
  readonly pending: string;
}

/** How {@linkcode findMerged} goes about it. */
export interface FindOptions {
  /** Whether a link that is the last name is followed. Default true. */
  readonly follow?: boolean | undefined;
}

/**
 * Finds a path in a merged tree as a process would whose root the image is: links are followed,
 * absolute ones from the image's root, and above the root is the root.
 */
export function findMerged(
  root: MergedFolder,
  path: string,
  { follow = true }: FindOptions = {},
): { readonly result: FindResult; readonly trace: FindTrace } {
  const walk = new Walk(root, path, follow);
  return { result: walk.run(), trace: walk };
}

class Walk implements FindTrace {
  readonly names = new Set<string>();
  readonly rels = new Set<string>();
  isAssumed = false;
  hasTwins = false;
  pending = "";
  readonly #root: MergedFolder;
  readonly #follow: boolean;
  readonly #todo: string[];
  /** From the root down, without it. */
  readonly #at: { readonly name: string; readonly node: MergedNode }[] = [];
  #links = 0;
  /** What came before is under doubt. */
  #contest: EntryOrigin | undefined;

  constructor(root: MergedFolder, path: string, follow: boolean) {
    this.#root = root;
    this.#follow = follow;
    this.#todo = path.split("/").toReversed();
  }

  run(): FindResult {
    while (this.#todo.length > 0) {
      const name = this.#todo.pop() ?? "";
      const end = this.#step(name);
      this.pending = this.#relOf();
      if (end !== undefined) return end;
    }
    const last = this.#at.at(-1);
    const node = last?.node ?? this.#root;
    return { kind: "found", node, rel: this.#relOf() };
  }

  #step(name: string): FindResult | undefined {
    const above = this.#at.at(-1)?.node ?? this.#root;
    // Also of a slash or a dot at the end: they ask for a folder.
    if (above.kind === "leaf") return { kind: "not-a-folder" };
    if (name === "" || name === ".") return undefined;
    if (name === "..") {
      // Where a link would lead isn't known, and so not what is above that.
      if (above.isAssumed) return this.#unknown(name);
      this.#at.pop();
      return undefined;
    }
    const rel = this.#relOf(name);
    this.hasTwins ||= this.names.has(name);
    this.names.add(name);
    this.rels.add(rel);
    const found = lookIn(above, name);
    if (found === "absent") return { kind: "absent" };
    if (found === "unknown") return this.#unknown(name);
    if (this.#isContested(found)) return this.#unknown(name);
    if (found.kind === "leaf") return this.#enterLeaf(name, found);
    this.isAssumed ||= found.isAssumed;
    this.#contest = found.contest ?? this.#contest;
    this.#at.push({ name, node: found });
    return undefined;
  }

  #enterLeaf(
    name: string,
    node: MergedNode & { kind: "leaf" },
  ): FindResult | undefined {
    if (node.isUnknown) return this.#unknown(name);
    const isLast = this.#todo.length === 0;
    if (node.entry.type !== "symlink" || isLast && !this.#follow) {
      this.#at.push({ name, node });
      return undefined;
    }
    if (++this.#links > MAX_LINKS) return { kind: "link-loop" };
    const { linkPath } = node.entry;
    if (linkPath.startsWith("/")) this.#at.length = 0;
    this.#todo.push(...linkPath.split("/").toReversed());
    return undefined;
  }

  #isContested({ origin }: MergedNode): boolean {
    if (this.#contest === undefined) return false;
    return origin === undefined || isBefore(origin, this.#contest);
  }

  #unknown(name?: string): FindResult {
    const rest = this.#todo.toReversed().filter((part) => part !== "");
    const pending = [this.#relOf(name), ...rest].join("/");
    return { kind: "unknown", pending };
  }

  #relOf(name?: string): string {
    const names = this.#at.map((part) => part.name);
    if (name !== undefined) names.push(name);
    return names.join("/");
  }
}
