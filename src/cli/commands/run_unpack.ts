import { UsageError } from "../../errors.ts";
import { escapeText } from "../../spec/escape_text.ts";
import { parsePlatform } from "../../spec/platform.ts";
import { unpack } from "../../unpack_image/unpack.ts";
import { unpackLayers } from "../../unpack_image/unpack_layers.ts";
import type { UnpackResult } from "../../unpack_image/unpack_options.ts";
import { findStoredImage, notInStore } from "../find_stored_image.ts";
import type { GlobalFlags } from "../global_flags.ts";
import { openStoreToRead } from "../open_store.ts";
import { parseReferenceArgument } from "../parse_argument.ts";
import { retainContent } from "../retain_content.ts";
import type { Session } from "../session.ts";
import { gatherLimits } from "../unpack_limit_flag.ts";
import type { UnpackFlags } from "./unpack_command.ts";

/** Unpacks one image. */
export async function runUnpack(
  session: Session,
  flags: UnpackFlags & GlobalFlags,
  args: readonly string[],
): Promise<void> {
  if (flags.whiteouts !== undefined && !flags.layers) {
    throw new UsageError(
      "usage",
      "Cannot choose a form of whiteouts: without --layers they are applied",
    );
  }
  const [text = "", dir = ""] = args;
  if (dir === "") {
    throw new UsageError("usage", 'Cannot unpack into "": it names no folder');
  }
  const reference = parseReferenceArgument(session, text);
  const platform = flags.platform === undefined
    ? undefined
    : parsePlatform(flags.platform);
  await using store = await openStoreToRead(session);
  await using _kept = await retainContent(session, store);
  const image = findStoredImage(store, reference);
  if (image === undefined) throw notInStore("unpack", reference);
  const options = {
    store,
    platform,
    limits: gatherLimits(flags.limit),
    onEvent: session.listener,
    signal: session.signal,
  };
  const result = flags.layers
    ? await unpackLayers(image, dir, { ...options, whiteouts: flags.whiteouts })
    : await unpack(image, dir, options);
  store.touchImage(image.reference);
  show(session, flags, result);
}

function show(
  session: Session,
  flags: UnpackFlags & GlobalFlags,
  result: UnpackResult,
): void {
  if (result.metadataPath !== undefined) {
    session.log(
      "warn",
      `${describeUnset(result.unset)}: see ${result.metadataPath}`,
    );
  }
  if (flags.json) return session.printJson(result);
  const paths = result.layers.flatMap(({ path }) => path ?? []);
  const lines = flags.layers ? [...new Set(paths)] : [result.dir];
  for (const line of lines) session.print(escapeText(line));
}

function describeUnset(unset: number): string {
  return unset === 1
    ? "1 entry is not on disk as the image has it"
    : `${unset} entries are not on disk as the image has them`;
}
