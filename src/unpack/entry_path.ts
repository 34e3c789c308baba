import { IntegrityError } from "../errors.ts";
import { quoteText } from "../spec/escape_text.ts";
import { exceeded, type UnpackLimits } from "./unpack_limits.ts";

/** The bounds of a path. */
export type PathLimits = Pick<
  UnpackLimits,
  "maxNameBytes" | "maxPathBytes" | "maxDepth"
>;

/** Device names of Windows, with any ending. */
const WINDOWS_DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$/i;
// deno-lint-ignore no-control-regex -- what Windows forbids in a name
const WINDOWS_FORBIDDEN = /[\x00-\x1f<>:"|?*\\]|[. ]$/;

/**
 * The names of an archived path, from the root of the image down. A leading slash means that
 * root and `.` nothing; `..` is refused, whether or not it would lead out: no honest tool
 * writes it.
 *
 * @returns the names; none for the root itself.
 * @throws IntegrityError `path-unsafe`, or `limit-exceeded` for what is too long or too deep.
 */
export function splitEntryPath(
  path: string,
  limits: PathLimits,
  os: typeof Deno.build.os = Deno.build.os,
): readonly string[] {
  if (path.length * 3 > limits.maxPathBytes) {
    checkLength("a path", path, limits, "maxPathBytes");
  }
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name === "..") throw unsafePath(path, 'it has ".." in it');
    if (name.includes("\0")) throw unsafePath(path, "it has a NUL in it");
    if (name.length * 3 > limits.maxNameBytes) {
      checkLength("a name", name, limits, "maxNameBytes");
    }
    if (os === "windows") checkWindowsName(path, name);
    names.push(name);
  }
  if (names.length > limits.maxDepth) {
    throw exceeded("a path has more names than", limits, "maxDepth");
  }
  return names;
}

/** The error for a path that no file may be at. */
export function unsafePath(
  path: string,
  why: string,
  options: { readonly hint?: string } = {},
): IntegrityError {
  return new IntegrityError(
    "path-unsafe",
    `Cannot unpack ${quoteText(path)}: ${why}`,
    options,
  );
}

function checkLength(
  what: string,
  text: string,
  limits: PathLimits,
  key: "maxPathBytes" | "maxNameBytes",
): void {
  if (new TextEncoder().encode(text).length <= limits[key]) return;
  throw exceeded(`${what} has more bytes than`, limits, key);
}

function checkWindowsName(path: string, name: string): void {
  const isFit = name.isWellFormed() && !WINDOWS_DEVICE.test(name) &&
    !WINDOWS_FORBIDDEN.test(name);
  if (isFit) return;
  throw unsafePath(path, "Windows has no such file names");
}
