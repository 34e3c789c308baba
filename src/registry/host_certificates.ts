import type { TlsOptions } from "../http/http_request.ts";
import { findTlsFault } from "../http/find_tls_fault.ts";
import { findFileText } from "../io/find_file_text.ts";
import { localCall } from "../io/local_error.ts";
import { quoteText } from "../spec/escape_text.ts";
import { configError } from "./config_error.ts";
import type { HostEntry } from "./hosts_toml.ts";

/** The certificates that a host's entry names. */
export async function readEntryTls(
  entry: HostEntry,
  dir: string,
): Promise<TlsOptions> {
  const caCerts = await Promise.all(
    entry.ca.map((path) => readRoots(dir, path)),
  );
  const client = entry.client === undefined
    ? {}
    : await readClient(dir, entry.client.cert, entry.client.key);
  return {
    ...(caCerts.length === 0 ? {} : { caCerts }),
    ...client,
    ...(entry.skipVerify ? { insecure: true } : {}),
  };
}

/** Docker's layout of a folder: `*.crt` are roots, `name.cert` and `name.key` the client's. */
export async function readDockerTls(dir: string): Promise<TlsOptions> {
  const names = await localCall("read", dir, async () => {
    const entries = await Array.fromAsync(Deno.readDir(dir));
    return entries.filter((entry) => !entry.isDirectory).map((entry) =>
      entry.name
    ).sort();
  });
  const roots = names.filter((name) => name.endsWith(".crt"));
  const cert = names.find((name) =>
    name.endsWith(".cert") && names.includes(name.replace(/cert$/, "key"))
  );
  const caCerts = await Promise.all(roots.map((name) => readRoots(dir, name)));
  return {
    ...(caCerts.length === 0 ? {} : { caCerts }),
    ...(cert === undefined
      ? {}
      : await readClient(dir, cert, cert.replace(/cert$/, "key"))),
  };
}

/**
 * Checks a file of trust roots, which TLS would complain of without naming it.
 *
 * @throws UsageError config-invalid
 */
export function checkRoots(text: string, path: string): string {
  const fault = /-----BEGIN CERTIFICATE-----/.test(text)
    ? findTlsFault({ caCerts: [text] })
    : "there is no certificate in it";
  if (fault === undefined) return text;
  throw configError({ where: path }, fault);
}

async function readRoots(dir: string, path: string): Promise<string> {
  return checkRoots(await readPem(dir, path), pathIn(dir, path));
}

async function readClient(
  dir: string,
  certPath: string,
  keyPath: string,
): Promise<{ readonly cert: string; readonly key: string }> {
  const cert = await readPem(dir, certPath);
  const key = await readPem(dir, keyPath);
  const fault = findTlsFault({ cert, key });
  if (fault === undefined) return { cert, key };
  const [where, other] = [pathIn(dir, certPath), pathIn(dir, keyPath)];
  const files = where === other ? "" : `with the key ${quoteText(other)}, `;
  throw configError({ where }, `${files}${fault}`);
}

function pathIn(dir: string, path: string): string {
  return /^(?:[/\\]|[A-Za-z]:[/\\])/.test(path) ? path : `${dir}/${path}`;
}

async function readPem(dir: string, path: string): Promise<string> {
  const whole = pathIn(dir, path);
  const text = await findFileText(whole);
  if (text !== undefined && text.includes("-----BEGIN ")) return text;
  const problem = text === undefined ? "is not there" : "is no PEM";
  throw configError(
    { where: dir },
    `it names the file "${whole}", which ${problem}`,
  );
}
