import { NotFoundError, OperationError } from "../../errors.ts";
import { openLayers } from "../../look/open_layers.ts";
import { remoteLayers } from "../../look/remote_layers.ts";
import { holdsFiles } from "../../spec/holds_files.ts";
import { parsePlatform, type Platform } from "../../spec/platform.ts";
import { formatReference } from "../../spec/reference.ts";
import type { Store } from "../../store/store.ts";
import type { StoredImage } from "../../store/stored_image.ts";
import type { LayerSource } from "../../unpack/layer_source.ts";
import { mustFindStoredImage } from "../find_stored_image.ts";
import { viewRemoteImage } from "../inspect/view_remote_image.ts";
import { openSessionNetwork } from "../open_session_network.ts";
import { openStoreToRead } from "../open_store.ts";
import { parseReferenceArgument } from "../parse_argument.ts";
import { retainContent } from "../retain_content.ts";
import type { Session } from "../session.ts";
import type { LookFlags } from "./look_flags.ts";

/** Which image is looked into, and how. */
export interface LookTarget {
  /** As the user wrote it. */
  readonly text: string;
  readonly flags: LookFlags;
}

/** Does something with the layers of an image, the lowest first. */
export type LookWork = (layers: readonly LayerSource[]) => Promise<void>;

/** Opens the layers of an image, in the store or at its registry, for as long as the work takes. */
export async function lookInto(
  session: Session,
  { text, flags }: LookTarget,
  work: LookWork,
): Promise<void> {
  const platform = flags.platform === undefined
    ? undefined
    : parsePlatform(flags.platform);
  if (flags.remote) {
    await lookAtRegistry(session, { text, flags }, platform, work);
  } else await lookInStore(session, text, platform, work);
}

async function lookInStore(
  session: Session,
  text: string,
  platform: Platform | undefined,
  work: LookWork,
): Promise<void> {
  await using store = await openStoreToRead(session);
  await using _kept = await retainContent(session, store);
  const image = findImage(session, store, text);
  using open = await openLayers(image, { store, platform });
  await work(open.layers);
  store.touchImage(image.reference);
}

function findImage(session: Session, store: Store, text: string): StoredImage {
  try {
    return mustFindStoredImage(session, store, text, "look into");
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    const name = formatReference(parseReferenceArgument(session, text));
    throw new NotFoundError(error.code, error.message, {
      cause: error,
      hint:
        `get it with: dray pull ${name}; or look at the registry's: --remote`,
    });
  }
}

async function lookAtRegistry(
  session: Session,
  { text, flags }: LookTarget,
  platform: Platform | undefined,
  work: LookWork,
): Promise<void> {
  const { signal, onRetry } = session;
  const reference = parseReferenceArgument(session, text);
  const registries = [reference.registry];
  using network = await openSessionNetwork(session, registries, flags);
  const { manifest, config } = await viewRemoteImage(
    network.client,
    reference,
    { platform, action: "look into", signal, onRetry },
  );
  if (config === undefined || !holdsFiles(manifest.manifest)) {
    throw new OperationError(
      "not-an-image",
      `Cannot look into "${
        formatReference(reference)
      }": it is an artifact, not an image`,
    );
  }
  await work(remoteLayers(
    manifest.manifest.layers,
    (layer) => network.client.fetchBlob(reference, layer, { signal, onRetry }),
  ));
}
