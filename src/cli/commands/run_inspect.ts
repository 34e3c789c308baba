import { UsageError } from "../../errors.ts";
import { parsePlatform, type Platform } from "../../spec/platform.ts";
import { mustFindStoredImage } from "../find_stored_image.ts";
import type { GlobalFlags } from "../global_flags.ts";
import type { ImageView } from "../inspect/image_view.ts";
import { imageViewJson } from "../inspect/image_view_json.ts";
import { layersJson } from "../inspect/layer_shares.ts";
import { listLayers } from "../inspect/list_layers.ts";
import { renderImageView } from "../inspect/render_image_view.ts";
import { renderLayers } from "../inspect/render_layers.ts";
import { viewRemoteImage } from "../inspect/view_remote_image.ts";
import { viewStoredImage } from "../inspect/view_stored_image.ts";
import { createPalette } from "../../ui/palette.ts";
import { openSessionNetwork } from "../open_session_network.ts";
import { openStoreToRead } from "../open_store.ts";
import { parseReferenceArgument } from "../parse_argument.ts";
import type { Session } from "../session.ts";
import type { InspectFlags } from "./inspect_command.ts";

/** Shows one image. */
export async function runInspect(
  session: Session,
  flags: InspectFlags & GlobalFlags,
  args: readonly string[],
): Promise<void> {
  const shown = (["raw", "config", "layers"] as const)
    .filter((flag) => flags[flag]).map((flag) => `--${flag}`);
  if (shown.length > 1) {
    throw new UsageError(
      "usage",
      `Cannot show two things at once: ${shown.join(" and ")} are given`,
    );
  }
  const [text = ""] = args;
  const platform = flags.platform === undefined
    ? undefined
    : parsePlatform(flags.platform);
  const view = flags.remote
    ? await viewRemote(session, flags, text, platform)
    : await viewStored(session, text, platform);
  show(session, flags, view);
}

function show(
  session: Session,
  flags: InspectFlags & GlobalFlags,
  view: ImageView,
): void {
  if (flags.config) return session.writeBytes(view.configBytes);
  if (flags.raw) {
    const shown = flags.platform === undefined ? view.root : view.manifest;
    return session.writeBytes(shown.bytes);
  }
  if (flags.json) {
    return session.printJson(
      flags.layers ? layersJson(view) : imageViewJson(view),
    );
  }
  const lines = flags.layers
    ? layerLines(session, view)
    : renderImageView(view, {
      nowMs: session.host.now(),
      maxWidth: maxWidthOf(session),
    });
  for (const line of lines) session.print(line);
}

function layerLines(session: Session, view: ImageView): readonly string[] {
  const { stdio, environment } = session.host;
  const { reference, config } = view;
  return renderLayers(listLayers(view), {
    reference,
    platform: config?.platform,
  }, {
    palette: createPalette(
      stdio.stdoutIsTerminal && environment.NO_COLOR === undefined,
    ),
    maxWidth: maxWidthOf(session),
  });
}

function maxWidthOf({ host: { stdio } }: Session): number | undefined {
  return stdio.stdoutIsTerminal ? stdio.size().columns : undefined;
}

async function viewStored(
  session: Session,
  text: string,
  platform: Platform | undefined,
): Promise<ImageView> {
  await using store = await openStoreToRead(session);
  const image = mustFindStoredImage(session, store, text, "inspect");
  return await viewStoredImage(store, image, platform);
}

async function viewRemote(
  session: Session,
  flags: InspectFlags,
  text: string,
  platform: Platform | undefined,
): Promise<ImageView> {
  const reference = parseReferenceArgument(session, text);
  using network = await openSessionNetwork(
    session,
    [reference.registry],
    flags,
  );
  return await viewRemoteImage(network.client, reference, {
    platform,
    signal: session.signal,
    onRetry: session.onRetry,
  });
}
