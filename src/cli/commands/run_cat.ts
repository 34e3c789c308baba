import { readFile } from "../../look/read_file.ts";
import type { GlobalFlags } from "../global_flags.ts";
import type { LookFlags } from "../look/look_flags.ts";
import { lookInto } from "../look/look_into.ts";
import { typedPath } from "../look/typed_path.ts";
import type { Session } from "../session.ts";
import { gatherLimits } from "../unpack_limit_flag.ts";

/** Prints a file of one image. */
export async function runCat(
  session: Session,
  flags: LookFlags & GlobalFlags,
  args: readonly string[],
): Promise<void> {
  const [text = "", path = ""] = args;
  await lookInto(
    session,
    { text, flags },
    (layers) =>
      readFile(layers, typedPath(path), {
        write: (bytes) => session.writeBytes(bytes),
        eager: flags.remote,
        limits: gatherLimits(flags.limit),
        onEvent: session.listener,
        signal: session.signal,
      }),
  );
}
