import { IntegrityError, LocalError } from "../errors.ts";
import { HashWorker } from "../io/hash_worker.ts";
import { PrefixHasher } from "../io/prefix_hasher.ts";
import { type Digest, digestAlgorithm } from "../spec/digest.ts";

/** Blobs whose state is remembered; one more, and the oldest is checked again. */
const MAX_REMEMBERED = 10_000;
/** From this size on the hash has a thread of its own. */
const WORKER_BYTES = 64 << 20;

interface Checked {
  readonly file: string;
  /** Settled: what came out. */
  readonly verdict: Promise<void>;
  isSound: boolean;
  failure?: unknown;
}

/**
 * Knows which blobs hash to their digest: each is read through once, when it is first asked for,
 * and again only where its file changed.
 */
export class SoundBlobs implements Disposable {
  readonly #checked = new Map<Digest, Checked>();
  readonly #worker = new HashWorker();

  /**
   * What is known of a blob's file.
   *
   * @returns undefined where it is sound, else what settles once it is read through.
   * @throws IntegrityError where it is known not to be.
   */
  check(
    digest: Digest,
    path: string,
    info: Deno.FileInfo,
  ): Promise<void> | undefined {
    const file = identify(info);
    const known = this.#checked.get(digest);
    if (known?.file === file) {
      if (known.failure !== undefined) throw known.failure;
      return known.isSound ? undefined : known.verdict;
    }
    const checked: Checked = {
      file,
      isSound: false,
      verdict: this.#hash(digest, path, info).then(() => {
        checked.isSound = true;
      }),
    };
    checked.verdict.catch((error: unknown) => {
      checked.failure = error;
    });
    this.#remember(digest, checked);
    return checked.verdict;
  }

  [Symbol.dispose](): void {
    this.#worker[Symbol.dispose]();
  }

  #remember(digest: Digest, checked: Checked): void {
    this.#checked.delete(digest);
    this.#checked.set(digest, checked);
    if (this.#checked.size <= MAX_REMEMBERED) return;
    const [oldest] = this.#checked.keys();
    if (oldest !== undefined) this.#checked.delete(oldest);
  }

  async #hash(
    digest: Digest,
    path: string,
    info: Deno.FileInfo,
  ): Promise<void> {
    const { size } = info;
    const worker = size >= WORKER_BYTES ? this.#worker : undefined;
    const hasher = new PrefixHasher(path, digestAlgorithm(digest), worker);
    const actual = await hasher.finish(size).catch(ignoreMissing);
    // Another file by now, or none: what was hashed is not what is sent.
    if (actual === undefined || !isStill(path, info)) return;
    if (actual === digest) return;
    throw damagedBlob(digest, `its bytes have digest ${actual}`);
  }
}

/** What is thrown for a blob whose bytes are wrong. */
export function damagedBlob(digest: Digest, what: string): IntegrityError {
  return new IntegrityError(
    "digest-mismatch",
    `Cannot serve blob "${digest}": ${what}`,
    { details: { digest }, hint: "mend the store with: dray verify --repair" },
  );
}

function ignoreMissing(error: unknown): undefined {
  const isGone = error instanceof LocalError &&
    error.details["systemCode"] === "ENOENT";
  if (!isGone) throw error;
}

function isStill(path: string, info: Deno.FileInfo): boolean {
  try {
    return identify(Deno.statSync(path)) === identify(info);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function identify({ dev, ino, size, mtime, ctime }: Deno.FileInfo): string {
  return `${dev}:${ino}:${size}:${mtime?.getTime()}:${ctime?.getTime()}`;
}
