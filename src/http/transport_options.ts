import type { LogEntry } from "./log.ts";
import type { ProxySettings } from "./proxy.ts";
import type { RetryOptions } from "./retry_policy.ts";

/** Settings of {@linkcode createTransport}; all have defaults. */
export interface TransportOptions {
  /** Trust roots besides the built-in ones, for every host; PEM texts. Default: none. */
  readonly caCerts?: readonly string[];
  /** Client certificate for hosts whose request names no TLS options; never past a redirect to another origin. */
  readonly clientCertificate?: { readonly cert: string; readonly key: string };
  /** Hosts (`host` or `host:port`) whose certificate may be anything. Default: none. */
  readonly insecureHosts?: readonly string[];
  /** Hosts (`host` or `host:port`) spoken to in plain HTTP. Default: none. */
  readonly plainHttpHosts?: readonly string[];
  /** Proxies; the environment is not looked at. Default: none. */
  readonly proxy?: ProxySettings;
  /** Longest wait for a TCP connection, in ms. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Longest wait for the headers of one answer, connecting included, in ms. Default 30,000. */
  readonly headerTimeoutMs?: number;
  /** How failures are retried. */
  readonly retry?: RetryOptions;
  /** Default `dray`. */
  readonly userAgent?: string;
  /** Redirects followed for one request. Default 10. */
  readonly maxRedirects?: number;
  /** Allow a redirect from a public to a private, loopback or link-local address. Default false. */
  readonly allowPrivateRedirects?: boolean;
  /** Told of each exchange, with secrets removed. */
  readonly onLog?: (entry: LogEntry) => void;
  /** Told what a user should know, such as a fall-back to plain HTTP on loopback. */
  readonly onNotice?: (message: string) => void;
}
