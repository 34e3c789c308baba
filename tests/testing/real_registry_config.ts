import type { RealRegistryOptions } from "./real_registry.ts";
import { mustRun } from "./run_command.ts";

/** The text of a config.yml: JSON is YAML. */
export function configText(
  dir: string,
  options: RealRegistryOptions,
  port: number,
): string {
  const tls = options.tls === undefined ? {} : {
    tls: {
      certificate: options.tls.certFile,
      key: options.tls.keyFile,
      ...options.clientCaFile === undefined
        ? {}
        : { clientcas: [options.clientCaFile] },
    },
  };
  return JSON.stringify({
    version: "0.1",
    log: { level: "info", accesslog: { disabled: false } },
    storage: {
      filesystem: { rootdirectory: `${dir}/data` },
      delete: { enabled: true },
    },
    http: { addr: `127.0.0.1:${port}`, ...tls },
    ...options.user === undefined
      ? {}
      : { auth: { htpasswd: { realm: "test", path: `${dir}/htpasswd` } } },
    ...options.proxyOf === undefined
      ? {}
      : { proxy: { remoteurl: options.proxyOf } },
  });
}

/** docker-registry takes bcrypt only; perl's crypt (libxcrypt) makes that with no further package. */
export async function htpasswdLine(
  user: { readonly name: string; readonly password: string },
): Promise<string> {
  const script = 'print crypt($ARGV[0], q($2y$05$) . "draytestsaltdraytestsa")';
  const hash = await mustRun("perl", ["-e", script, user.password]);
  if (!hash.startsWith("$2y$")) {
    throw new Error(`perl's crypt knows no bcrypt here: "${hash}"`);
  }
  return `${user.name}:${hash}\n`;
}
