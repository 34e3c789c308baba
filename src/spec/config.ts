import { IntegrityError } from "../errors.ts";
import type { Digest } from "./digest.ts";
import { quoteText } from "./escape_text.ts";
import { parseJson } from "./json_document.ts";
import { foldNames, JsonObject } from "./json_object.ts";
import { isJson, type Json, readDigest } from "./json_value.ts";
import {
  asList,
  asObject,
  asTextMap,
  asTexts,
  textMembers,
} from "./lenient_json.ts";
import { type ImageManifest, MAX_LAYERS } from "./manifest.ts";
import type { Platform } from "./platform.ts";

/** One step of an image's history (OCI config.md). All of it is untrusted text. */
export interface HistoryEntry {
  /** When, as the document says. */
  readonly created?: string;
  /** The command that made the layer. */
  readonly createdBy?: string;
  /** Who, as the document says. */
  readonly author?: string;
  /** A remark by whatever built the image. */
  readonly comment?: string;
  /** Whether this step made no layer. */
  readonly emptyLayer?: boolean;
}

/** An image configuration (OCI config.md), as far as dray uses it. */
export interface ImageConfig {
  /** What the image says that it runs on. */
  readonly platform: Platform;
  /** As the document says; not checked to be a date. */
  readonly created?: string;
  /** Who, as the document says. */
  readonly author?: string;
  /** Digests of the uncompressed layers, lowest first. */
  readonly diffIds: readonly Digest[];
  /** How it was built, oldest step first. */
  readonly history: readonly HistoryEntry[];
  /** `NAME=value` each. */
  readonly env: readonly string[];
  /** Default arguments. */
  readonly cmd: readonly string[];
  /** Program to start, with its first arguments. */
  readonly entrypoint: readonly string[];
  /** Folder to start in. */
  readonly workingDir?: string;
  /** User, or `user:group`, by name or number. */
  readonly user?: string;
  /** Mount points. */
  readonly volumes: readonly string[];
  /** `port/protocol` each. */
  readonly exposedPorts: readonly string[];
  /** Free text by key. */
  readonly labels: Readonly<Record<string, string>>;
  /** Signal that asks it to stop. */
  readonly stopSignal?: string;
}

const ROOT_MEMBERS = foldNames(["rootfs"]);
const ROOTFS_MEMBERS = foldNames(["type", "diff_ids"]);

/**
 * Reads an image configuration. `rootfs` is read strictly; all else is text for
 * display, where a member of an unexpected type counts as missing.
 *
 * @param bytes The document as it came, its digest and size already checked.
 * @param where The document's name in an error message.
 * @throws {IntegrityError} `document-invalid`, or `digest-unsupported` where a
 * diffID is of an algorithm that dray cannot verify.
 */
export function parseImageConfig(
  bytes: Uint8Array,
  where = "image config",
): ImageConfig {
  const parsed = parseJson(bytes, where);
  const diffIds = readDiffIds(new JsonObject(parsed, where));
  const body = asObject(parsed);
  const config = asObject(body.config);
  return {
    platform: readPlatform(body),
    ...textMembers(body, { created: "created", author: "author" }),
    diffIds,
    history: asList(body.history).filter(isJson).map(readHistoryEntry),
    env: asTexts(config.Env),
    cmd: asTexts(config.Cmd),
    entrypoint: asTexts(config.Entrypoint),
    ...textMembers(config, {
      workingDir: "WorkingDir",
      user: "User",
      stopSignal: "StopSignal",
    }),
    volumes: Object.keys(asObject(config.Volumes)),
    exposedPorts: Object.keys(asObject(config.ExposedPorts)),
    labels: asTextMap(config.Labels),
  };
}

/**
 * Checks that a manifest and its config tell of the same number of layers.
 *
 * @throws {IntegrityError} `document-invalid`
 */
export function assertLayersMatch(
  manifest: ImageManifest,
  config: ImageConfig,
): void {
  const layers = manifest.layers.length;
  const diffIds = config.diffIds.length;
  if (layers === diffIds) return;
  throw new IntegrityError(
    "document-invalid",
    `Cannot use image config "${manifest.config.digest}": it has ${diffIds} diff_ids where its manifest has ${layers} layers`,
    { details: { expected: layers, actual: diffIds } },
  );
}

/** What unpacking rests on, so read strictly. */
function readDiffIds(body: JsonObject): readonly Digest[] {
  body.refuseOtherCase(ROOT_MEMBERS);
  const rootfs = new JsonObject(body.require("rootfs"), body.place("rootfs"))
    .refuseOtherCase(ROOTFS_MEMBERS);
  const type = rootfs.findText("type") ?? "layers";
  if (type !== "layers") {
    throw rootfs.invalid("type", `is ${quoteText(type)}, not "layers"`);
  }
  // Docker leaves the list out where an image has no layers.
  return rootfs.findList("diff_ids", readDigest, MAX_LAYERS) ?? [];
}

function readPlatform(body: Json): Platform {
  const osFeatures = asTexts(body["os.features"]);
  return {
    os: "unknown",
    architecture: "unknown",
    ...textMembers(body, {
      os: "os",
      architecture: "architecture",
      variant: "variant",
      osVersion: "os.version",
    }),
    ...(osFeatures.length > 0 ? { osFeatures } : {}),
  };
}

function readHistoryEntry(entry: Json): HistoryEntry {
  return {
    ...textMembers(entry, {
      created: "created",
      createdBy: "created_by",
      author: "author",
      comment: "comment",
    }),
    ...(entry.empty_layer === true ? { emptyLayer: true } : {}),
  };
}
