import { escapeText } from "../../spec/escape_text.ts";
import { formatPlatform } from "../../spec/platform.ts";
import { formatAge } from "../../ui/format_age.ts";
import { formatBytes } from "../../ui/format_bytes.ts";
import { truncateText } from "../../ui/format_table.ts";
import { shortDigest } from "../../spec/digest.ts";
import { describeRateLimit } from "../describe_rate_limit.ts";
import type { ImageView } from "./image_view.ts";
import { imageBytes, listLayers } from "./list_layers.ts";

/** Where {@linkcode renderImageView} is shown. */
export interface RenderViewOptions {
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** Columns of the terminal; no limit without it. */
  readonly maxWidth?: number | undefined;
}

/** A title and its values, one below the other. */
type Field = readonly [title: string, ...values: (string | undefined)[]];

const TITLE_WIDTH = 14;
const SIZE_WIDTH = 8;

/** `dray inspect` for people, a string a line. */
export function renderImageView(
  view: ImageView,
  options: RenderViewOptions,
): string[] {
  const lines = [
    ...fields([
      ...originFields(view, options.nowMs),
      ...contentFields(view),
      ...configFields(view),
    ]),
    "",
    "Layers, lowest first",
    ...layerLines(view),
  ];
  const { maxWidth = Infinity } = options;
  return lines.map((line) => truncateText(line, maxWidth));
}

function originFields(view: ImageView, nowMs: number): readonly Field[] {
  const { root, pulledAt, rateLimit } = view;
  return [
    ["Reference", view.reference],
    ["Digest", root.descriptor.digest],
    ["Type", root.descriptor.mediaType],
    ["Platforms", view.platforms.map(formatPlatform).join(", ")],
    [
      "Pulled",
      pulledAt && `${formatAge(pulledAt, nowMs)} (${pulledAt})`,
    ],
    ["Rate limit", rateLimit && describeRateLimit(rateLimit)],
  ];
}

function contentFields(view: ImageView): readonly Field[] {
  const { root, manifest, config } = view;
  const { artifactType, config: configDescriptor } = manifest.manifest;
  const isChosen = manifest.descriptor.digest !== root.descriptor.digest;
  return [
    ["Shown", isChosen ? config && formatPlatform(config.platform) : undefined],
    ["Manifest", isChosen ? manifest.descriptor.digest : undefined],
    ["Config", configDescriptor.digest],
    ["Artifact", artifactType],
    ["Size", formatBytes(imageBytes(view))],
  ];
}

function configFields({ config }: ImageView): readonly Field[] {
  if (config === undefined) return [];
  return [
    ["Created", config.created],
    ["Author", config.author],
    ["Entrypoint", wordList(config.entrypoint)],
    ["Command", wordList(config.cmd)],
    ["Directory", config.workingDir],
    ["User", config.user],
    ["Environment", ...config.env],
    ["Ports", config.exposedPorts.join(", ")],
    ["Volumes", config.volumes.join(", ")],
    ["Stop signal", config.stopSignal],
    [
      "Labels",
      ...Object.entries(config.labels).map(([key, value]) => `${key}=${value}`),
    ],
  ];
}

function layerLines(view: ImageView): readonly string[] {
  return listLayers(view).map(({ digest, size, createdBy }) => {
    const bytes = formatBytes(size).padStart(SIZE_WIDTH);
    const command = createdBy === undefined ? "" : `  ${tidy(createdBy)}`;
    return `  ${shortDigest(digest)}  ${bytes}${command}`;
  });
}

function fields(all: readonly Field[]): readonly string[] {
  return all.flatMap(([title, ...values]) =>
    values
      .filter((value) => value !== undefined && value !== "")
      .map((value, index) => {
        const start = (index === 0 ? title : "").padEnd(TITLE_WIDTH);
        return start + escapeText(value ?? "");
      })
  );
}

function wordList(words: readonly string[]): string | undefined {
  return words.length === 0 ? undefined : JSON.stringify(words);
}

/** Build tools fill commands with tabs and runs of spaces. */
function tidy(command: string): string {
  return escapeText(command.replace(/\s+/g, " ").trim());
}
