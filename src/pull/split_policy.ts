/** A range in flight, as the policy sees it. */
export interface PieceView {
  /** Next byte to arrive. */
  readonly position: number;
  readonly end: number;
  /** Undefined while too little is known: such a piece is left alone. */
  readonly bytesPerSecond: number | undefined;
  /** Share of the time in which this machine, not the network, held it up. */
  readonly busyShare: number;
  /** What a fresh connection in its place may be expected to do. */
  readonly freshBytesPerSecond: number;
  /** What a request takes to its first byte, in ms. */
  readonly latencyMs: number;
  /** Whether a second connection may be given a part of it. */
  readonly canSplit: boolean;
  /** Whether another connection may have all of it. */
  readonly canTakeOver: boolean;
}

/** What a policy decides by; sizes in bytes, times in ms. */
export interface SplitOptions {
  /** Connections that have nothing else to do. */
  readonly idle: number;
  /** Smallest part worth a request. */
  readonly minPieceBytes: number;
  /** Shortest gain worth a request. */
  readonly minSavingMs: number;
  /** When everything together is this fast, more connections gain nothing. */
  readonly ceilingBytesPerSecond: number;
}

/** A piece that ends sooner, and the ranges that follow it; or one given up for a faster connection. */
export type Split<P> =
  | {
    readonly kind: "split";
    readonly piece: P;
    readonly cuts: readonly number[];
  }
  | { readonly kind: "take-over"; readonly piece: P };

/** From here on it is this machine that holds things up: more connections gain nothing. */
const BUSY_SHARE = 0.6;
/** A connection that is this many times faster may have a slow one's range. */
const MUCH_FASTER = 4;

/** A piece, or what a cut of one leaves for the next connection. */
interface Part<P> {
  readonly piece: P;
  readonly start: number;
  end: number;
  readonly bytesPerSecond: number;
  readonly freshBytesPerSecond: number;
  readonly latencyMs: number;
  readonly canSplit: boolean;
  readonly canTakeOver: boolean;
}

interface Choice<P> {
  readonly part: Part<P>;
  /** Where the part is cut; its start when it is taken over. */
  readonly at: number;
  readonly savingMs: number;
}

/**
 * Decides what idle connections do once no whole range waits: each takes from
 * the range whose end would come last, as much as lets both finish together.
 *
 * @param pieces Ranges in flight.
 */
export function planSplits<P extends PieceView>(
  pieces: readonly P[],
  options: SplitOptions,
): readonly Split<P>[] {
  const parts = pieces.flatMap(toPart);
  const total = parts.reduce((sum, part) => sum + part.bytesPerSecond, 0);
  const busy = pieces.reduce((sum, { busyShare }) => sum + busyShare, 0);
  if (total >= options.ceilingBytesPerSecond || busy >= BUSY_SHARE) return [];
  const cuts = new Map<P, number[]>();
  const takenOver = new Set<P>();
  for (let idle = options.idle; idle > 0; idle--) {
    const choice = bestChoice(
      parts.filter((part) => !takenOver.has(part.piece)),
      options,
    );
    if (choice === undefined) break;
    const { part, at } = choice;
    if (at === part.start) {
      takenOver.add(part.piece);
      continue;
    }
    cuts.set(part.piece, [...(cuts.get(part.piece) ?? []), at]);
    parts.push(freshPart(part, at));
    part.end = at;
  }
  return [
    ...[...takenOver].map((piece) => ({ kind: "take-over" as const, piece })),
    ...[...cuts].map(([piece, at]) => ({
      kind: "split" as const,
      piece,
      cuts: at.toSorted((a, b) => a - b),
    })),
  ];
}

function toPart<P extends PieceView>(piece: P): Part<P>[] {
  const { position: start, bytesPerSecond, ...rest } = piece;
  if (bytesPerSecond === undefined || piece.end <= start) return [];
  const freshBytesPerSecond = Math.max(
    piece.freshBytesPerSecond,
    bytesPerSecond,
  );
  return [{ ...rest, piece, start, bytesPerSecond, freshBytesPerSecond }];
}

/** Nobody works at it yet, so it may be cut again and there is nothing to take over. */
function freshPart<P>(from: Part<P>, at: number): Part<P> {
  return {
    ...from,
    start: at,
    bytesPerSecond: from.freshBytesPerSecond,
    canTakeOver: false,
  };
}

function bestChoice<P>(
  parts: readonly Part<P>[],
  options: SplitOptions,
): Choice<P> | undefined {
  let best: Choice<P> | undefined;
  for (const part of parts) {
    const choice = chooseFor(part, options);
    if (choice !== undefined && choice.savingMs > (best?.savingMs ?? 0)) {
      best = choice;
    }
  }
  return best;
}

function chooseFor<P>(
  part: Part<P>,
  options: SplitOptions,
): Choice<P> | undefined {
  const slow = part.bytesPerSecond / 1000;
  const fast = part.freshBytesPerSecond / 1000;
  if (fast <= 0) return undefined;
  const remaining = part.end - part.start;
  const aloneMs = slow > 0 ? remaining / slow : Infinity;
  // Both finish together: slow·t + fast·(t − latency) = remaining.
  const togetherMs = (remaining + fast * part.latencyMs) / (slow + fast);
  const keeps = Math.max(options.minPieceBytes, Math.floor(slow * togetherMs));
  if (part.canSplit && remaining - keeps >= options.minPieceBytes) {
    const savingMs = aloneMs -
      Math.max(togetherMs, keeps / Math.max(slow, 1e-9));
    if (savingMs >= options.minSavingMs) {
      return { part, at: part.start + keeps, savingMs };
    }
  }
  if (!part.canTakeOver || fast < slow * MUCH_FASTER) return undefined;
  const savingMs = aloneMs - (part.latencyMs + remaining / fast);
  return savingMs >= options.minSavingMs
    ? { part, at: part.start, savingMs }
    : undefined;
}
