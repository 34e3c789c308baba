interface NodeModules {
  readonly "node:crypto": typeof import("node:crypto");
  readonly "node:fs": typeof import("node:fs");
  readonly "node:zlib": typeof import("node:zlib");
}

interface NodeProcess {
  readonly process: {
    getBuiltinModule<Name extends keyof NodeModules>(
      name: Name,
    ): NodeModules[Name];
  };
}

/**
 * One of Node's modules, loaded when it is first asked for: that takes 6 to 25 ms, which a command
 * that needs none must not spend; and what needs one must not become asynchronous only to be lazy.
 */
export function loadNodeModule<Name extends keyof NodeModules>(
  name: Name,
): NodeModules[Name] {
  // Sound: Deno has `process` as a global, and the method since 2.1; dray's Deno is pinned.
  return (globalThis as unknown as NodeProcess).process.getBuiltinModule(name);
}
