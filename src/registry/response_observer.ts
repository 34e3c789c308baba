import type { HttpResponse } from "../http/http_request.ts";
import { parseWarnings } from "../http/warning_header.ts";
import { escapeText } from "../spec/escape_text.ts";
import type { Endpoint } from "./endpoint.ts";
import { findRateLimit, type RateLimit } from "./rate_limit.ts";

/** Who is told of what registries say besides their answers. */
export interface ObserverOptions {
  /** Told what a person should know; at most once for the same text. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Told of each answer that names a budget. */
  readonly onRateLimit?:
    | ((limit: RateLimit, registry: string) => void)
    | undefined;
}

/** A registry that makes up a new warning for each answer is heard this often. */
const MAX_WARNINGS = 100;

/** Looks at the headers of answers: warnings (distribution-spec, "Warnings") and rate limits. */
export class ResponseObserver {
  readonly #options: ObserverOptions;
  readonly #warnings = new Set<string>();
  readonly #limits = new Map<string, RateLimit>();

  constructor(options: ObserverOptions) {
    this.#options = options;
  }

  /** Passes a message on, the first time. */
  warn(message: string): void {
    if (this.#warnings.has(message) || this.#warnings.size >= MAX_WARNINGS) {
      return;
    }
    this.#warnings.add(message);
    this.#options.onWarning?.(message);
  }

  /** Takes in an answer's headers; those of storage that a registry redirects to say nothing of it. */
  observe(response: HttpResponse, { name, base }: Endpoint): void {
    const { headers, url } = response;
    const warnings = parseWarnings(headers.get("warning"));
    const limit = findRateLimit(headers);
    // Most say nothing, and the URL of each answer would be parsed for it.
    if (warnings.length === 0 && limit === undefined) return;
    if (url !== "" && new URL(url).host !== base.host) return;
    for (const text of warnings) {
      this.warn(`${name} says: ${escapeText(text)}`);
    }
    if (limit === undefined) return;
    this.#limits.set(name, limit);
    this.#options.onRateLimit?.(limit, name);
  }

  /** The budget that a registry named last. */
  findRateLimit(registry: string): RateLimit | undefined {
    return this.#limits.get(registry);
  }
}
