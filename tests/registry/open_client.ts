import {
  createTransport,
  type TransportOptions,
} from "../../src/http/transport.ts";
import type {
  Credential,
  CredentialSource,
} from "../../src/registry/credential.ts";
import {
  RegistryClient,
  type RegistryClientOptions,
} from "../../src/registry/registry_client.ts";

/** A client of servers in this process, and what it told meanwhile. */
export interface TestClient extends Disposable {
  readonly client: RegistryClient;
  readonly warnings: readonly string[];
}

/**
 * A client whose retries wait for nothing.
 *
 * @param plainHosts Spoken to without TLS, and without asking first, so that only real requests are recorded.
 */
export function openClient(
  plainHosts: readonly string[],
  options: RegistryClientOptions & { readonly http?: TransportOptions } = {},
): TestClient {
  const warnings: string[] = [];
  const transport = createTransport({
    plainHttpHosts: plainHosts,
    retry: { sleep: () => Promise.resolve(), random: () => 0, maxAttempts: 3 },
    ...options.http,
  });
  const client = new RegistryClient({
    transport,
    onWarning: (message) => warnings.push(message),
    ...options,
  });
  return { client, warnings, [Symbol.dispose]: () => transport.close() };
}

/** Credentials for the registries named, by user and password; records what was looked up. */
export function sourceOf(
  accounts: Readonly<Record<string, readonly [user: string, password: string]>>,
): CredentialSource & { readonly lookups: string[] } {
  const lookups: string[] = [];
  return {
    lookups,
    find(registry, repository) {
      lookups.push(`${registry}/${repository}`);
      const account = accounts[registry];
      if (account === undefined) return Promise.resolve(undefined);
      const [username, password] = account;
      return Promise.resolve({
        kind: "basic",
        username,
        password,
        origin: "the test",
      });
    },
  };
}

/** The same credential for one registry, of any kind. */
export function sourceFor(
  registry: string,
  credential: Credential,
): CredentialSource {
  return {
    find: (asked) =>
      Promise.resolve(asked === registry ? credential : undefined),
  };
}

/** Reads a stream to its end. */
export async function readAll(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
