import { shortDigest } from "../../spec/digest.ts";
import { escapeText } from "../../spec/escape_text.ts";
import { formatPlatform } from "../../spec/platform.ts";
import { count } from "../../ui/describe_done.ts";
import { formatBytes } from "../../ui/format_bytes.ts";
import { truncateText } from "../../ui/format_table.ts";
import type { Palette } from "../../ui/palette.ts";
import { renderBar } from "../../ui/render_meter.ts";
import { sharesOf } from "./layer_shares.ts";
import type { LayerView } from "./list_layers.ts";

/** Which image the layers are of. */
export interface LayersTitle {
  /** Canonical. */
  readonly reference: string;
  readonly platform?: Parameters<typeof formatPlatform>[0] | undefined;
}

/** Where {@linkcode renderLayers} is shown. */
export interface RenderLayersOptions {
  readonly palette: Palette;
  /** Columns of the terminal; no limit without it. */
  readonly maxWidth?: number | undefined;
}

const GAP = "  ";
const SIZE_WIDTH = 8;
const SHARE_WIDTH = 4;
const DIGEST_WIDTH = 12;
const MAX_BAR_WIDTH = 24;
const MIN_WIDE_BAR_WIDTH = 12;
const MIN_BAR_WIDTH = 6;
const MIN_COMMAND_WIDTH = 24;

/**
 * `dray inspect --layers` for people, a string a line: each layer with its size, its share of
 * all layers as a bar, and the command that made it; no line is wider than the terminal. Where
 * that is narrow the command gets a line of its own.
 */
export function renderLayers(
  layers: readonly LayerView[],
  title: LayersTitle,
  { palette, maxWidth = Infinity }: RenderLayersOptions,
): readonly string[] {
  const shares = sharesOf(layers);
  const numberWidth = String(layers.length).length;
  const figures = numberWidth + SIZE_WIDTH + SHARE_WIDTH + 4 * GAP.length;
  const room = maxWidth - figures;
  const besides = room - DIGEST_WIDTH - MIN_COMMAND_WIDTH - 2 * GAP.length;
  const isWide = besides >= MIN_WIDE_BAR_WIDTH;
  const barWidth = Math.max(
    MIN_BAR_WIDTH,
    Math.min(MAX_BAR_WIDTH, isWide ? besides : room),
  );
  return [
    truncateText(titleText(layers, title), maxWidth),
    ...layers.flatMap((layer, index) => {
      const share = shares[index] ?? 0;
      const number = String(index + 1).padStart(numberWidth);
      const head = GAP + palette.dim(number) + GAP +
        formatBytes(layer.size).padStart(SIZE_WIDTH) + GAP +
        renderBar(share, barWidth, palette) + GAP +
        shareText(share).padStart(SHARE_WIDTH);
      const command = commandText(layer.createdBy);
      const indent = numberWidth + 2 * GAP.length;
      if (!isWide) {
        const cut = truncateText(command, maxWidth - indent);
        return cut === "" ? [head] : [head, " ".repeat(indent) + cut];
      }
      const used = figures + barWidth + DIGEST_WIDTH + 2 * GAP.length;
      const cut = truncateText(command, maxWidth - used);
      const digest = palette.dim(shortDigest(layer.digest));
      return [`${head}${GAP}${digest}${GAP}${cut}`.trimEnd()];
    }),
  ];
}

function titleText(
  layers: readonly LayerView[],
  { reference, platform }: LayersTitle,
): string {
  const bytes = layers.reduce((sum, { size }) => sum + size, 0);
  const parts = [
    escapeText(reference),
    ...platform === undefined ? [] : [escapeText(formatPlatform(platform))],
    `${count(layers.length, "layer")}, ${formatBytes(bytes)} compressed`,
  ];
  return parts.join(", ");
}

/** Rounded, but nothing that is there is 0 %. */
function shareText(share: number): string {
  const percent = Math.round(share * 100);
  return percent === 0 && share > 0 ? "<1%" : `${percent}%`;
}

/** A command as its author wrote it: build tools wrap it up, each in its way. */
export function commandText(createdBy: string | undefined): string {
  if (createdBy === undefined) return "";
  const plain = createdBy
    .replace(/\s+/g, " ")
    .replace(/^(RUN )?\/bin\/sh -c #\(nop\) /, "")
    .replace(/^(RUN )?(\|\d+ .*?)?\/bin\/sh -c /, "RUN ")
    .replace(/ # buildkit$/, "");
  return escapeText(plain.trim());
}
