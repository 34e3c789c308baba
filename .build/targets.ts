import { UsageError } from "../src/errors.ts";

/** A kind of machine that dray is built for. */
export interface Target {
  /** As `Deno.build` names them: `linux-x86_64`. */
  readonly name: string;
  /** As `deno compile --target` names it. */
  readonly triple: string;
  /** Where Deno for it comes from; undefined where there is no `sh` to unpack it. */
  readonly deno?: DenoPackage;
}

/** Deno's own executable, as a package of the npm registry. */
export interface DenoPackage {
  readonly name: string;
  /** Of the version that `.dvmrc` names; `npm view NAME@VERSION dist.integrity` tells another's. */
  readonly integrity: string;
  /** A `case` pattern for `uname -s`, a space and `uname -m` of the machines that can run it. */
  readonly machines: string;
}

/** All that is built for. */
export const TARGETS: readonly Target[] = [
  {
    name: "linux-x86_64",
    triple: "x86_64-unknown-linux-gnu",
    deno: {
      name: "@deno/linux-x64-glibc",
      integrity:
        "sha512-3md4TKLCuzsLDmfOoC5KN7NAZaxSVkMgm64vg6foD00JBADCpYS2/5QqXfzgnP5ZQz3iLP9vBQJtEgc116OAoQ==",
      machines: '"Linux x86_64"',
    },
  },
  {
    name: "linux-aarch64",
    triple: "aarch64-unknown-linux-gnu",
    deno: {
      name: "@deno/linux-arm64-glibc",
      integrity:
        "sha512-poqhoH9B3nYloigEMPT5t8HY+wBeiuea1An5Q7fqgJzP0SYmWsoS/oUnWO/pEiA4ofzIBy1Elt/in58xKtxEoQ==",
      machines: '"Linux aarch64"',
    },
  },
  {
    name: "darwin-x86_64",
    triple: "x86_64-apple-darwin",
    deno: {
      name: "@deno/darwin-x64",
      integrity:
        "sha512-tPi3CWPRdjW1MaWlvWjORE7Ass5SADdWdj1BF1Q1PEdzi+5u/mC5YhmZzniMiPr81PpaFeqjXaLAsfb8lFsZ0Q==",
      // Rosetta runs it on the other processor.
      machines: '"Darwin x86_64" | "Darwin arm64"',
    },
  },
  {
    name: "darwin-aarch64",
    triple: "aarch64-apple-darwin",
    deno: {
      name: "@deno/darwin-arm64",
      integrity:
        "sha512-V8uO1Aolrl/yvdMb5lOtgtigs8YuZBjrOrgviVMiYkQ0swymFfzkae1wZak4Xi24t7vf7d/eiMb/7ryjjVm+tg==",
      machines: '"Darwin arm64"',
    },
  },
  { name: "windows-x86_64", triple: "x86_64-pc-windows-msvc" },
];

/**
 * The target of that name, of that triple, or with `host` this machine's.
 *
 * @throws UsageError when there is none
 */
export function parseTarget(input: string): Target {
  const { os, arch } = Deno.build;
  const name = input === "host" ? `${os}-${arch}` : input;
  const target = TARGETS.find((target) =>
    target.name === name || target.triple === name
  );
  if (target !== undefined) return target;
  throw new UsageError("unknown-target", `Unknown target "${name}"`, {
    hint: `one of ${TARGETS.map(({ name }) => name).join(", ")}, or host`,
  });
}
