import type { LayerSource } from "../unpack/layer_source.ts";
import type { MergedFolder } from "../unpack/merged_node.ts";
import { type ImageFile, imageFileOf } from "./image_file.ts";
import { LayerSearch, type SettledResult } from "./layer_search.ts";
import { notThere } from "./look_errors.ts";
import type { LookOptions } from "./look_options.ts";

/** How {@linkcode listFiles} lists. */
export interface ListFilesOptions extends LookOptions {
  /** Whether folders are listed with all that is below them. Default: false. */
  readonly recursive?: boolean | undefined;
  /**
   * Whether a path that is a link to a folder is shown as that folder, as `ls` does without
   * `-l`. Default: true. With a slash at its end it always is.
   */
  readonly followLast?: boolean | undefined;
}

/**
 * Lists a folder of an image, or shows a single file, as `ls` would whose root the image is.
 * Names are in the order of their UTF-16 units.
 *
 * @param layers The lowest first.
 * @throws NotFoundError `path-not-found`
 * @throws OperationError `link-loop`
 * @throws IntegrityError for damaged or hostile layers.
 */
export async function listFiles(
  layers: readonly LayerSource[],
  path: string,
  options: ListFilesOptions = {},
): Promise<readonly ImageFile[]> {
  const { recursive = false } = options;
  const search = new LayerSearch(layers, options);
  const result = await findListed(search, path, options);
  if (result.kind !== "found") {
    throw notThere({ action: "list", path }, result.kind);
  }
  const { node, rel } = result;
  if (node.kind === "leaf") {
    return [imageFileOf(node, { name: path, rel, layers })];
  }
  const files: ImageFile[] = [];
  collect(node, "", recursive, (name, child) => {
    const at = rel === "" ? name : `${rel}/${name}`;
    files.push(imageFileOf(child, { name, rel: at, layers }));
  });
  return files;
}

async function findListed(
  search: LayerSearch,
  path: string,
  { recursive = false, followLast = true }: ListFilesOptions,
): Promise<SettledResult> {
  const content = recursive ? "tree" : "names";
  if (!followLast) return await search.find({ path, content, follow: false });
  const result = await search.find({ path, content });
  const isFolder = result.kind === "found" && result.node.kind === "folder";
  if (isFolder) return result;
  // A link to a file, or to nothing, is shown itself.
  return await search.find({ path, content, follow: false });
}

type Visit = (
  name: string,
  child: MergedFolder["children"] extends ReadonlyMap<string, infer Node> ? Node
    : never,
) => void;

function collect(
  folder: MergedFolder,
  prefix: string,
  recursive: boolean,
  visit: Visit,
): void {
  for (const name of [...folder.children.keys()].sort()) {
    const child = folder.children.get(name);
    if (child === undefined) continue;
    visit(prefix + name, child);
    if (recursive && child.kind === "folder") {
      collect(child, `${prefix}${name}/`, recursive, visit);
    }
  }
}
