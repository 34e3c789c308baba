/** An architecture by its GOARCH name, and the variant that its other name implied. */
export interface Architecture {
  readonly architecture: string;
  readonly variant?: string;
}

/** What `uname -m`, Debian and GNU call the architectures of Go. */
const OTHER_NAMES: ReadonlyMap<string, Architecture> = new Map<
  string,
  Architecture
>([
  ["x86_64", { architecture: "amd64" }],
  ["x86-64", { architecture: "amd64" }],
  ["i386", { architecture: "386" }],
  ["i686", { architecture: "386" }],
  ["aarch64", { architecture: "arm64" }],
  ["armhf", { architecture: "arm", variant: "v7" }],
  ["armv7l", { architecture: "arm", variant: "v7" }],
  ["armel", { architecture: "arm", variant: "v6" }],
  ["armv6l", { architecture: "arm", variant: "v6" }],
  ["ppc64el", { architecture: "ppc64le" }],
]);

/**
 * The GOARCH name of an architecture.
 *
 * @param name Any spelling; one that is not known stays, in lower case.
 */
export function findArchitecture(name: string): Architecture {
  const architecture = name.toLowerCase();
  return OTHER_NAMES.get(architecture) ?? { architecture };
}
