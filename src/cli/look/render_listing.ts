import type { ImageFile } from "../../look/image_file.ts";
import { escapeText } from "../../spec/escape_text.ts";

const TYPE_LETTERS: Readonly<Record<ImageFile["type"], string>> = {
  file: "-",
  directory: "d",
  symlink: "l",
  "character-device": "c",
  "block-device": "b",
  fifo: "p",
};
/** What a JavaScript Date can be, in seconds. */
const MAX_TIME = 8_640_000_000_000;

/** Names, a string a line. */
export function renderNames(files: readonly ImageFile[]): readonly string[] {
  return files.map(({ name }) => escapeText(name));
}

/** `ls -l` with times in UTC, a string a line. */
export function renderLong(files: readonly ImageFile[]): readonly string[] {
  const rows = files.map((file) => [
    modeText(file),
    `${file.uid}:${file.gid}`,
    sizeText(file),
    timeText(file.mtime)?.replace("T", " ").slice(0, 19) ?? "-",
    nameText(file),
  ]);
  const width = (column: number): number =>
    rows.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), 0);
  const [owners, sizes, times] = [width(1), width(2), width(3)];
  return rows.map(([mode, owner = "", size = "", time = "", name]) =>
    [
      mode,
      owner.padEnd(owners),
      size.padStart(sizes),
      time.padEnd(times),
      name,
    ].join("  ")
  );
}

/** An object of `dray ls --json`. */
export function fileJson(file: ImageFile): unknown {
  const { mode, mtime, xattrs, ...rest } = file;
  return {
    ...rest,
    mode: mode.toString(8).padStart(4, "0"),
    mtime: timeText(mtime) ?? null,
    ...xattrs === undefined ? {} : {
      xattrs: Object.fromEntries(
        [...xattrs].map(([name, value]) => [name, value.toBase64()]),
      ),
    },
  };
}

function nameText({ name, linkTarget }: ImageFile): string {
  const shown = escapeText(name);
  return linkTarget === undefined
    ? shown
    : `${shown} -> ${escapeText(linkTarget)}`;
}

function sizeText({ size, device }: ImageFile): string {
  return device === undefined
    ? String(size)
    : `${device.major}, ${device.minor}`;
}

/** RFC 3339; undefined for a time that none was told of, or that no calendar has. */
function timeText(mtime: number | undefined): string | undefined {
  if (mtime === undefined || Math.abs(mtime) > MAX_TIME) return undefined;
  const text = new Date(mtime * 1000).toISOString();
  return text.replace(".000Z", "Z");
}

function modeText({ type, mode }: ImageFile): string {
  return TYPE_LETTERS[type] +
    accessText(mode >> 6, (mode & 0o4000) !== 0 ? "s" : undefined) +
    accessText(mode >> 3, (mode & 0o2000) !== 0 ? "s" : undefined) +
    accessText(mode, (mode & 0o1000) !== 0 ? "t" : undefined);
}

/** @param special Takes the place of the `x`, as a capital where there is none. */
function accessText(bits: number, special: string | undefined): string {
  const isExecutable = (bits & 1) !== 0;
  const last = special === undefined
    ? (isExecutable ? "x" : "-")
    : (isExecutable ? special : special.toUpperCase());
  return ((bits & 4) !== 0 ? "r" : "-") + ((bits & 2) !== 0 ? "w" : "-") + last;
}
