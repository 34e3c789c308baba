import { quoteText } from "../spec/escape_text.ts";
import { DOCKER_HUB_KEY, findKeyTarget, normalizeHost } from "./auth_key.ts";
import type { Credential } from "./credential.ts";
import { HelperError, type RunHelper } from "./run_helper.ts";

/** Settings of what talks to credential helpers. */
export interface HelperOptions {
  /** Starts a helper. Default: a program of this machine. */
  readonly runHelper?: RunHelper | undefined;
  /** Longest run of a helper, in ms. Default 10,000. */
  readonly helperTimeoutMs?: number | undefined;
}

/** What is asked for with which helper. */
export interface HelperQuery {
  /** `desktop` of `docker-credential-desktop`. */
  readonly helper: string;
  readonly registry: string;
  /** Where the helper is named: `/home/me/.docker/config.json (credsStore)`. */
  readonly where: string;
}

/** What a helper's answer comes to. */
export type HelperAnswer =
  | { readonly kind: "found"; readonly credential: Credential }
  | { readonly kind: "none" }
  | { readonly kind: "failed"; readonly reason: string };

/** Longest run of a helper: one that asks a person takes its time. */
export const DEFAULT_HELPER_TIMEOUT_MS = 10_000;
const NOT_FOUND =
  /credentials not found|no credentials server URL|not found in/i;

/** Whether a helper that failed just has no such credential: helpers say so in words only. */
export function saysNotFound(stdout: string): boolean {
  return NOT_FOUND.test(stdout);
}

/** What helpers know a registry by. */
export function serverUrl(registry: string): string {
  return normalizeHost(registry) === "docker.io" ? DOCKER_HUB_KEY : registry;
}

/** Asks a helper for a credential. Whatever goes wrong is an answer, not an error: only an abort throws. */
export async function askHelper(
  run: RunHelper,
  query: HelperQuery,
  options: HelperOptions,
  signal?: AbortSignal,
): Promise<HelperAnswer> {
  const call = {
    program: `docker-credential-${query.helper}`,
    action: "get",
    input: serverUrl(query.registry),
    timeoutMs: options.helperTimeoutMs ?? DEFAULT_HELPER_TIMEOUT_MS,
    ...(signal === undefined ? {} : { signal }),
  } as const;
  try {
    const { success, stdout, stderr } = await run(call);
    if (success) return readAnswer(stdout, query);
    if (saysNotFound(stdout)) return { kind: "none" };
    return { kind: "failed", reason: describeFailure(stdout, stderr) };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof HelperError) {
      return { kind: "failed", reason: error.message };
    }
    throw error;
  }
}

function readAnswer(stdout: string, query: HelperQuery): HelperAnswer {
  const answer = parseJson(stdout);
  if (typeof answer !== "object" || answer === null) {
    return {
      kind: "failed",
      reason: "answers with something that is no JSON object",
    };
  }
  const fields = new Map<string, unknown>(Object.entries(answer));
  const [url, username, secret] = ["ServerURL", "Username", "Secret"].map((
    name,
  ) => fields.get(name) ?? "");
  if (
    typeof url !== "string" || typeof username !== "string" ||
    typeof secret !== "string"
  ) {
    return { kind: "failed", reason: "answers with fields that are no text" };
  }
  // CVE-2021-41092: what is for another host must not be sent to this one.
  if (url !== "" && findKeyTarget(url) !== normalizeHost(query.registry)) {
    return {
      kind: "failed",
      reason: `answers for another server, ${quoteText(url)}`,
    };
  }
  if (secret === "") return { kind: "none" };
  const origin = `${query.where}, docker-credential-${query.helper}`;
  return username === "<token>"
    ? {
      kind: "found",
      credential: { kind: "identity-token", token: secret, origin },
    }
    : {
      kind: "found",
      credential: { kind: "basic", username, password: secret, origin },
    };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Longest quotation of a helper's words, in characters. */
const MAX_REASON_LENGTH = 200;

/** Why a helper failed, in its words: it should print them, but some only complain. */
export function describeFailure(stdout: string, stderr = ""): string {
  const reason = firstLine(stdout) || firstLine(stderr);
  return reason === "" ? "fails without a reason" : `says ${quoteText(reason)}`;
}

function firstLine(text: string): string {
  const line = text.trim().split("\n", 1)[0] ?? "";
  return line.length > MAX_REASON_LENGTH
    ? `${line.slice(0, MAX_REASON_LENGTH)}…`
    : line;
}
