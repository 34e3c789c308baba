/** What Deno reads whenever an HTTP client is created, whatever proxy the client is given. */
const VARIABLES = ["ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"]
  .flatMap((name) => [name, name.toLowerCase()]);

/**
 * Runs `create` with the process's proxy variables hidden. Deno has no other
 * way to say "no proxy": without this it would send loopback requests to
 * `HTTP_PROXY`, and its `NO_PROXY` would overrule the proxy that we chose.
 * Nothing else runs in between, as `create` doesn't wait. Without permission
 * to see a variable it stays, and so does Deno's own reading of it.
 */
export function withoutProxyVariables<T>(create: () => T): T {
  const hidden = VARIABLES.flatMap((name) => {
    const value = mayRead(name) ? Deno.env.get(name) : undefined;
    return value === undefined ? [] : [{ name, value }];
  });
  hidden.forEach(({ name }) => Deno.env.delete(name));
  try {
    return create();
  } finally {
    hidden.forEach(({ name, value }) => Deno.env.set(name, value));
  }
}

function mayRead(variable: string): boolean {
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  return state === "granted";
}
