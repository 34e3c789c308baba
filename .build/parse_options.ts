import { UsageError } from "../src/errors.ts";
import { parseFlags } from "./parse_flags.ts";
import { parseTarget, type Target, TARGETS } from "./targets.ts";

/** What to build. */
export interface CompileOptions {
  readonly targets: readonly Target[];
  /** Whether Deno's executable is packed with the program, for want of a base to compile into. */
  readonly selfExtracting: boolean;
  /** The folder that the executables go to. */
  readonly out: string;
  readonly help: boolean;
}

/** What `--help` shows. */
export const USAGE =
  `Usage: deno task compile [--self-extracting] [--target TARGET]... [--out DIR]

Makes DIR/dray-OS-ARCH, with its SHA-256 beside it.

  --self-extracting  pack Deno's own executable, from the npm registry, with the
                     program, where the base of deno compile can't be had
  --target TARGET    ${TARGETS.map(({ name }) => name).join(", ")},
                     or host; may be repeated. Default: all that the form has
  --out DIR          default: dist
`;

/**
 * Reads the task's arguments.
 *
 * @throws UsageError when they make no sense
 */
export function parseOptions(args: readonly string[]): CompileOptions {
  const { "self-extracting": selfExtracting, target, out, help } = parseFlags(
    "compile",
    args,
    {
      "self-extracting": { type: "boolean", default: false },
      target: { type: "string", multiple: true },
      out: { type: "string", default: "dist" },
      help: { type: "boolean", short: "h", default: false },
    },
  );
  const targets = target === undefined
    ? TARGETS.filter(({ deno }) => !selfExtracting || deno !== undefined)
    : [...new Set(target.map(parseTarget))];
  const without = targets.find(({ deno }) => deno === undefined);
  if (selfExtracting && without !== undefined) {
    throw new UsageError(
      "no-such-form",
      `Cannot make "${without.name}" self-extracting: it has no sh`,
      { hint: `deno task compile --target ${without.name}` },
    );
  }
  return { targets, selfExtracting, out, help };
}
