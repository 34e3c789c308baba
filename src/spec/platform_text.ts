import { UsageError } from "../errors.ts";
import { quoteText } from "./escape_text.ts";

/** The parts of a platform as it was typed; the required ones are not empty. */
export interface PlatformText {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string | undefined;
  readonly osVersion: string | undefined;
  readonly osFeatures: readonly string[] | undefined;
}

const OS_LIKE = /^(?:linux|windows|darwin|macos|freebsd)$/i;
const PART = /^[A-Za-z0-9_.-]+$/;
const MAX_LENGTH = 256;

/**
 * Splits `os/arch[/variant]`, with the operating system's version as crane
 * writes it, `os/arch:version`, or containerd, `os(version+feature)/arch`.
 *
 * @throws {UsageError} `platform-invalid`, saying which part is wrong.
 */
export function splitPlatform(text: string): PlatformText {
  if (text.length > MAX_LENGTH) {
    throw invalid(text, `it is longer than ${MAX_LENGTH} characters`);
  }
  const { names, osVersion, osFeatures } = splitVersion(text);
  const [os = "", architecture, variant, ...others] = names.split("/");
  if (architecture === undefined || others.length > 0) {
    throw invalid(
      text,
      "it is not of the form os/arch[/variant]",
      architecture === undefined ? suggest(os) : undefined,
    );
  }
  const named = { os, architecture, variant, "os version": osVersion };
  for (const [name, part] of Object.entries(named)) {
    if (part !== undefined) checkPart(text, name, part);
  }
  for (const feature of osFeatures ?? []) {
    checkPart(text, "os feature", feature);
  }
  return { os, architecture, variant, osVersion, osFeatures };
}

interface VersionSplit {
  readonly names: string;
  readonly osVersion: string | undefined;
  readonly osFeatures: readonly string[] | undefined;
}

function splitVersion(text: string): VersionSplit {
  const match = /^([^(]*)\(([^)]*)\)(.*)$/s.exec(text);
  if (match !== null) {
    const [, os = "", inner = "", rest = ""] = match;
    const [version, ...features] = inner.split("+");
    return {
      names: os + rest,
      osVersion: version === "" && features.length > 0 ? undefined : version,
      osFeatures: features.length > 0 ? features : undefined,
    };
  }
  const colon = text.indexOf(":");
  return {
    names: colon < 0 ? text : text.slice(0, colon),
    osVersion: colon < 0 ? undefined : text.slice(colon + 1),
    osFeatures: undefined,
  };
}

function checkPart(text: string, name: string, part: string): void {
  if (part === "") throw invalid(text, `the ${name} is empty`);
  if (PART.test(part)) return;
  const at = part.search(/[^A-Za-z0-9_.-]/);
  const character = String.fromCodePoint(part.codePointAt(at) ?? 0);
  throw invalid(
    text,
    `${name} ${quoteText(part)} has ${quoteText(character)} at position ${
      at + 1
    }`,
  );
}

function suggest(name: string): string {
  if (!PART.test(name)) return "for example linux/arm64";
  return OS_LIKE.test(name)
    ? `for example ${name}/amd64`
    : `for example linux/${name}`;
}

function invalid(text: string, problem: string, hint?: string): UsageError {
  return new UsageError(
    "platform-invalid",
    `Cannot parse platform ${quoteText(text)}: ${problem}`,
    { hint },
  );
}
