import type { ArchiveEntry, ArchiveHandler } from "../tar/archive_entry.ts";
import { EntryScan } from "../unpack/entry_scan.ts";
import type { FindResult } from "../unpack/find_merged.ts";
import type { LayerSource } from "../unpack/layer_source.ts";
import { MergedView, type ViewQuestion } from "../unpack/merged_view.ts";
import { readLayer } from "../unpack/read_layer.ts";
import { LimitGuard } from "../unpack/unpack_limits.ts";
import type { EagerCopy } from "./eager_copy.ts";
import type { LookOptions } from "./look_options.ts";
import { maySettle } from "./may_settle.ts";

/** What the layers say in the end. */
export type SettledResult = Exclude<FindResult, { readonly kind: "unknown" }>;

/** Reads the layers of an image from the top, as many as its questions take. */
export class LayerSearch {
  readonly #layers: readonly LayerSource[];
  readonly #options: LookOptions;
  readonly #guard: LimitGuard;
  readonly #view: MergedView;
  /** How many of the layers have not been read. */
  #left: number;

  /** @param layers The lowest first. */
  constructor(layers: readonly LayerSource[], options: LookOptions) {
    this.#layers = layers;
    this.#options = options;
    this.#guard = new LimitGuard(options.limits);
    this.#view = new MergedView(layers.length, this.#guard.limits);
    this.#left = layers.length;
  }

  /**
   * What a path means.
   *
   * @param eager Copies the file as soon as it comes by, and so ends the search in the middle
   * of a layer.
   */
  async find(
    question: ViewQuestion,
    eager?: EagerCopy,
  ): Promise<SettledResult> {
    let answer: FindResult = this.#left < this.#layers.length ||
        this.#view.isWhole
      ? this.#view.ask(question)
      : { kind: "unknown", pending: question.path };
    while (answer.kind === "unknown") {
      const { pending } = answer;
      const entries = await this.#readNext(
        eager?.watch(this.#left - 1, pending, () => this.#view.ask(question)),
      );
      if (eager?.found !== undefined) return eager.found;
      const mustAsk = this.#left === 0 || answer.isDoubtful === true ||
        maySettle(entries, pending);
      if (mustAsk) answer = this.#view.ask(question);
    }
    return answer;
  }

  async #readNext(watcher?: LayerWatcher): Promise<readonly ArchiveEntry[]> {
    const { onEvent, signal } = this.#options;
    const source = this.#layers[--this.#left];
    if (source === undefined) throw new RangeError("There is no layer left");
    const entries: ArchiveEntry[] = [];
    this.#view.start(entries);
    const scan = new EntryScan(this.#guard, (entry, index) => {
      entries.push(entry);
      watcher?.onEntry(entry, index);
    });
    const { digest, size, diffId } = source;
    onEvent?.({ event: "unpack-start", digest });
    await readLayer(
      { digest, size, diffId, chunks: source.open() },
      watcher === undefined ? scan : {
        entry: (entry) => scan.entry(entry),
        data: (bytes, offset) => watcher.data(bytes, offset),
        end: () => watcher.end(),
      },
      { guard: this.#guard, signal, isDone: () => watcher?.isDone === true },
    );
    this.#view.finish();
    onEvent?.({ event: "unpack-done", digest });
    return entries;
  }
}

/** Looks at a layer while it is read. */
export interface LayerWatcher extends Pick<ArchiveHandler, "data" | "end"> {
  /** Whether the rest of the layer is of no interest. */
  readonly isDone: boolean;
  /** An entry that has been added to the view. */
  onEntry(entry: ArchiveEntry, index: number): void;
}
