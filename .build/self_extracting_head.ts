import template from "./head.sh" with { type: "text" };
import { VERSION } from "../src/cli/version.ts";
import { PERMISSION_SET } from "./project.ts";

/** What a head tells of the file that it begins. */
export interface HeadFacts {
  /** For people: `linux-x86_64`. */
  readonly target: string;
  /** A `case` pattern; see `DenoPackage`. */
  readonly machines: string;
  readonly payloadBytes: number;
  /** The payload's, in hexadecimal digits. */
  readonly sha256: string;
  /** Where the program's files are, in the folder that they are unpacked to; one is a worker's. */
  readonly paths: readonly string[];
}

/**
 * Variables by which a user, or a program that starts dray, steers another Deno or Node: flags,
 * certificates, an address to serve at, a channel to a parent that dray doesn't answer. What
 * dray heeds has options of its own.
 */
export const FOREIGN_VARIABLES: readonly string[] = [
  "DENO_AUDIT_PERMISSIONS",
  "DENO_AUTH_TOKENS",
  "DENO_AUTO_SERVE",
  "DENO_CACHE_DB_MODE",
  "DENO_CERT",
  "DENO_COMPAT",
  "DENO_CONDITIONS",
  "DENO_COVERAGE_DIR",
  "DENO_EMIT_CACHE_MODE",
  "DENO_INSTALL_ROOT",
  "DENO_JOBS",
  "DENO_KV_DB_MODE",
  "DENO_KV_DEFAULT_PATH",
  "DENO_KV_PATH_PREFIX",
  "DENO_KV_REQUIRES_DISTRIBUTED_DATABASE",
  "DENO_LOG",
  "DENO_NODE_USE_OPENSSL_CA",
  "DENO_NO_PROMPT",
  "DENO_PATCH_REACT_CVE",
  "DENO_SERVE_ADDRESS",
  "DENO_SERVE_AUTOMATIC_COMPRESSION",
  "DENO_TLS_CA_STORE",
  "DENO_TRACE_PERMISSIONS",
  "DENO_TRUST_PROXY_HEADERS",
  "DENO_TSC_BIN",
  "DENO_USE_CGROUPS",
  "DENO_USR2_MEMORY_TRIM",
  "DENO_V8_FLAGS",
  "NODE_CHANNEL_FD",
  "NODE_DEBUG",
  "NODE_EXTRA_CA_CERTS",
  "NODE_OPTIONS",
  "NODE_TLS_REJECT_UNAUTHORIZED",
  "NODE_USE_ENV_PROXY",
  "NODE_USE_SYSTEM_CA",
  "NODE_V8_COVERAGE",
  "OTEL_DENO",
  "RUST_LOG",
];

/** The shell script that begins a self-extracting file. */
export function selfExtractingHead(facts: HeadFacts): string {
  let headBytes = 0;
  while (true) {
    const head = fill(facts, headBytes);
    if (head.length === headBytes) return head;
    // The size stands in the head itself.
    headBytes = head.length;
  }
}

function fill(facts: HeadFacts, headBytes: number): string {
  const isMac = facts.target.startsWith("darwin");
  const values: Readonly<Record<string, string>> = {
    VERSION,
    TARGET: facts.target,
    MACHINES: facts.machines,
    CACHE: isMac ? "Library/Caches" : ".cache",
    NEEDS: isMac ? "it needs macOS 11" : "it needs glibc 2.27 or newer",
    OFFSET: String(headBytes + 1),
    SIZE: String(headBytes + facts.payloadBytes),
    SHA256: facts.sha256,
    PIECES: String(countPieces(facts.paths)),
    UNSET: FOREIGN_VARIABLES.join(" "),
    PERMISSIONS: PERMISSION_SET,
  };
  return template.replaceAll(/@([A-Z0-9]+)@/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new RangeError(`No "${name}" for the head`);
    return value;
  });
}

/** How many words the patterns of the head's `is_usable` make where all is there. */
function countPieces(paths: readonly string[]): number {
  const pieces = /^(?:[^/.][^/]*\.[^/]*|src\/[^/.][^/]*\/[^/.][^/]*)$/;
  return paths.filter((path) => pieces.test(path)).length;
}
