import type { Exchange } from "./http/serve_connection.ts";

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD"]);
const KINDS = ["manifests", "blobs", "tags", "referrers"] as const;

/** Counts what a server does, for Prometheus; labels are few, whatever clients send. */
export class ServerMetrics {
  readonly #version: string;
  readonly #startSeconds: number;
  readonly #requests = new Map<string, number>();
  readonly #bytes = new Map<string, number>();
  readonly #seconds = new Map<string, number>();
  readonly #counts = new Map<string, number>();
  #begun = 0;
  #ended = 0;
  #broken = 0;
  #upstreamBytes = 0;
  #upstreamFailures = 0;

  /** @param nowMs Wall clock, in milliseconds. */
  constructor(version: string, nowMs: number) {
    this.#version = version;
    this.#startSeconds = nowMs / 1000;
  }

  /** A request came. */
  readonly onRequest = (): void => void this.#begun++;

  /** Its answer went out, or broke off. */
  readonly onExchange = (exchange: Exchange): void => {
    const { method, target, status, bytes, durationMs, isWhole } = exchange;
    const kind = kindOf(target);
    const known = METHODS.has(method) ? method : "other";
    this.#ended++;
    if (!isWhole) this.#broken++;
    add(this.#requests, labels({ kind, method: known, code: `${status}` }), 1);
    add(this.#bytes, labels({ kind }), bytes);
    add(this.#seconds, labels({ kind }), durationMs / 1000);
    add(this.#counts, labels({ kind }), 1);
  };

  readonly #lookups = new Map<string, number>();

  /** Content was had from the store, or had to be fetched from upstream. */
  readonly onLookup = (result: "hit" | "miss"): void =>
    add(this.#lookups, labels({ result }), 1);

  /** Bytes came from upstream. */
  readonly onUpstreamBytes = (bytes: number): void =>
    void (this.#upstreamBytes += bytes);

  /** Upstream failed. */
  readonly onUpstreamFailure = (): void => void this.#upstreamFailures++;

  /** The text format of Prometheus, version 0.0.4. */
  render(): string {
    const lines = [
      ...family("dray_build_info", "gauge", "The running version.", [
        [labels({ version: this.#version }), 1],
      ]),
      ...family("dray_start_time_seconds", "gauge", "Start, Unix time.", [
        ["", this.#startSeconds],
      ]),
      ...family(
        "dray_http_requests_in_flight",
        "gauge",
        "Requests without an end of their answer.",
        [["", this.#begun - this.#ended]],
      ),
      ...family(
        "dray_http_requests_total",
        "counter",
        "Requests answered.",
        this.#requests,
      ),
      ...family(
        "dray_http_responses_broken_total",
        "counter",
        "Answers that broke off: the client left, or the content failed.",
        [["", this.#broken]],
      ),
      ...family(
        "dray_http_response_bytes_total",
        "counter",
        "Bytes of bodies that went out.",
        this.#bytes,
      ),
      ...family("dray_http_request_duration_seconds", "summary", "Time.", []),
      ...samples("dray_http_request_duration_seconds_sum", this.#seconds),
      ...samples("dray_http_request_duration_seconds_count", this.#counts),
      ...family(
        "dray_upstream_lookups_total",
        "counter",
        "Content of upstream's repositories: stored (hit) or fetched (miss).",
        this.#lookups,
      ),
      ...family(
        "dray_upstream_bytes_total",
        "counter",
        "Bytes that came from upstream.",
        [["", this.#upstreamBytes]],
      ),
      ...family(
        "dray_upstream_failures_total",
        "counter",
        "Questions to upstream that failed.",
        [["", this.#upstreamFailures]],
      ),
    ];
    return lines.join("\n") + "\n";
  }
}

type Samples = Iterable<readonly [labels: string, value: number]>;

/** What a target asks for, in one of a few words. */
function kindOf(target: string): string {
  const path = target.split("?", 1)[0] ?? "";
  if (path === "/v2/" || path === "/v2") return "base";
  if (path === "/v2/_catalog") return "catalog";
  if (path === "/metrics") return "metrics";
  if (!path.startsWith("/v2/")) return "other";
  const kind = path.split("/").at(-2);
  return KINDS.find((known) => known === kind) ?? "other";
}

/** Values are our own words, or escaped. */
function labels(values: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(values).map(([name, value]) =>
    `${name}=${JSON.stringify(value)}`
  );
  return `{${pairs.join(",")}}`;
}

function add(counts: Map<string, number>, key: string, value: number): void {
  counts.set(key, (counts.get(key) ?? 0) + value);
}

function family(
  name: string,
  type: string,
  help: string,
  values: Samples,
): readonly string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples(name, values),
  ];
}

function samples(name: string, values: Samples): readonly string[] {
  return [...values].map(([label, value]) => `${name}${label} ${value}`);
}
