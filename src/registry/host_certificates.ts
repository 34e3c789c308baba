import type { TlsOptions } from "../http/http_request.ts";
import { localCall } from "../io/local_error.ts";
import { configError } from "./config_error.ts";
import { findFileText } from "./credential_sources.ts";
import type { HostEntry } from "./hosts_toml.ts";

/** The certificates that a host's entry names. */
export async function readEntryTls(
  entry: HostEntry,
  dir: string,
): Promise<TlsOptions> {
  const caCerts = await Promise.all(entry.ca.map((path) => readPem(dir, path)));
  const client = entry.client === undefined ? {} : {
    cert: await readPem(dir, entry.client.cert),
    key: await readPem(dir, entry.client.key),
  };
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
  const caCerts = await Promise.all(roots.map((name) => readPem(dir, name)));
  return {
    ...(caCerts.length === 0 ? {} : { caCerts }),
    ...(cert === undefined ? {} : {
      cert: await readPem(dir, cert),
      key: await readPem(dir, cert.replace(/cert$/, "key")),
    }),
  };
}

async function readPem(dir: string, path: string): Promise<string> {
  const whole = /^(?:[/\\]|[A-Za-z]:[/\\])/.test(path)
    ? path
    : `${dir}/${path}`;
  const text = await findFileText(whole);
  if (text !== undefined && text.includes("-----BEGIN ")) return text;
  const problem = text === undefined ? "is not there" : "is no PEM";
  throw configError(
    { where: dir },
    `it names the file "${whole}", which ${problem}`,
  );
}
