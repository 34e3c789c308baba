import { findArchitecture } from "./architecture.ts";
import { escapeText } from "./escape_text.ts";
import { omitUndefined } from "./omit_undefined.ts";
import { splitPlatform } from "./platform_text.ts";

/** Where an image runs (OCI image specification, image-index.md). */
export interface Platform {
  /** GOOS value: `linux`, `windows`, `darwin`. */
  readonly os: string;
  /** GOARCH value: `amd64`, `arm64`, `arm`. */
  readonly architecture: string;
  /** CPU variant: `v8` of arm64, `v7` of arm, `v3` of amd64. */
  readonly variant?: string;
  /** Operating system version, in use for Windows. */
  readonly osVersion?: string;
  /** Operating system features that the image needs, such as `win32k`. */
  readonly osFeatures?: readonly string[];
}

/** What {@linkcode hostPlatform} needs to know of the machine; `Deno.build` fits. */
export interface HostBuild {
  /** `linux`, `darwin`, `windows` … */
  readonly os: string;
  /** `x86_64`, `aarch64` … */
  readonly arch: string;
}

const OS_NAMES: ReadonlyMap<string, string> = new Map([["macos", "darwin"]]);

/**
 * Parses a platform that a user typed: `os/arch[/variant]`, in common spellings
 * of the architecture, with the operating system's version as
 * `windows/amd64:10.0.17763` or `windows(10.0.17763)/amd64`.
 *
 * @throws {UsageError} `platform-invalid`, saying which part is wrong.
 */
export function parsePlatform(text: string): Platform {
  const { os, architecture, variant, osVersion, osFeatures } = splitPlatform(
    text,
  );
  return normalizePlatform({
    os,
    architecture,
    ...omitUndefined({ variant, osVersion, osFeatures }),
  });
}

/**
 * A platform as `os/arch[/variant]`, safe to print. Two that differ only in the
 * operating system's version read the same; see {@linkcode formatFullPlatform}.
 */
export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = platform;
  const text = `${os}/${architecture}`;
  return escapeText(variant ? `${text}/${variant}` : text);
}

/** A platform with the operating system's version, where it has one: `windows/amd64:10.0.17763.1`. */
export function formatFullPlatform(platform: Platform): string {
  const text = formatPlatform(platform);
  return platform.osVersion
    ? `${text}:${escapeText(platform.osVersion)}`
    : text;
}

/**
 * The platform of the images that this machine runs by default. On macOS that
 * is Linux, since containers there run in a Linux machine.
 *
 * @param build The machine; default `Deno.build`.
 */
export function hostPlatform(build: HostBuild = Deno.build): Platform {
  const os = build.os === "darwin" ? "linux" : build.os;
  return normalizePlatform({ os, architecture: build.arch });
}

/**
 * One spelling of the same platform: lower case, `aarch64` → `arm64`, `x86_64`
 * → `amd64`, `armhf` → `arm/v7`, variant `8` → `v8`. Neither adds a default
 * variant nor takes one away.
 */
export function normalizePlatform(platform: Platform): Platform {
  const os = platform.os.toLowerCase();
  const { architecture, variant: implied } = findArchitecture(
    platform.architecture,
  );
  const variant = normalizeVariant(platform.variant || implied);
  return {
    os: OS_NAMES.get(os) ?? os,
    architecture,
    ...(variant === undefined ? {} : { variant }),
    ...(platform.osVersion ? { osVersion: platform.osVersion } : {}),
    ...(platform.osFeatures ? { osFeatures: platform.osFeatures } : {}),
  };
}

function normalizeVariant(variant: string | undefined): string | undefined {
  const text = variant?.toLowerCase();
  return text !== undefined && /^\d/.test(text) ? `v${text}` : text;
}
