import type { ImageFile } from "../../look/image_file.ts";
import { listFiles } from "../../look/list_files.ts";
import { toJsonLine } from "../../ui/json_line.ts";
import type { GlobalFlags } from "../global_flags.ts";
import { lookInto } from "../look/look_into.ts";
import { typedPath } from "../look/typed_path.ts";
import { fileJson, renderLong, renderNames } from "../look/render_listing.ts";
import type { Session } from "../session.ts";
import { gatherLimits } from "../unpack_limit_flag.ts";
import type { LsFlags } from "./ls_command.ts";

/** Lists files of one image. */
export async function runLs(
  session: Session,
  flags: LsFlags & GlobalFlags,
  args: readonly string[],
): Promise<void> {
  const [text = "", path = "/"] = args;
  await lookInto(session, { text, flags }, async (layers) => {
    const files = await listFiles(layers, typedPath(path), {
      recursive: flags.recursive,
      followLast: !flags.long,
      limits: gatherLimits(flags.limit),
      onEvent: session.listener,
      signal: session.signal,
    });
    const lines = render(files, flags);
    // With one write: there may be a great many.
    if (lines.length > 0) session.print(lines.join("\n"));
  });
}

function render(
  files: readonly ImageFile[],
  { json, long }: LsFlags & GlobalFlags,
): readonly string[] {
  if (json) return files.map((file) => toJsonLine(fileJson(file)));
  return long ? renderLong(files) : renderNames(files);
}
