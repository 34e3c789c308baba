/** What Deno's own file calls lack, or do by throwing. */
export type NodeFs = Pick<
  typeof import("node:fs"),
  "existsSync" | "statfsSync"
>;

interface NodeProcess {
  readonly process: { getBuiltinModule(name: "node:fs"): NodeFs };
}

/** Node's file calls, for a command that downloads more than a little: loading them takes 6 ms. */
export function loadNodeFs(): NodeFs {
  // Sound as in hash.ts.
  return (globalThis as unknown as NodeProcess).process.getBuiltinModule(
    "node:fs",
  );
}
