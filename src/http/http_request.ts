/** An HTTP response. Its `url` is where it came from; the query may hold a secret. */
export type HttpResponse = Response;

/** What a request is about, for the layer that adds credentials; opaque to this folder. */
export interface AuthScope {
  /** Host as the reference names it. */
  readonly registry: string;
  /** Path within the registry. */
  readonly repository: string;
}

/** How TLS is spoken with one host. */
export interface TlsOptions {
  /** Trust roots besides the built-in ones, each PEM text of one or more certificates. */
  readonly caCerts?: readonly string[];
  /** PEM of the client's certificate chain; needs `key`. */
  readonly cert?: string;
  /** PEM of the client certificate's private key. */
  readonly key?: string;
  /** Accept any certificate. */
  readonly insecure?: boolean;
}

/**
 * Whether a request may be sent in plain HTTP although its URL says `https:`.
 * `fallback` asks first what the server speaks, and holds for loopback hosts only.
 */
export type PlainHttp = "never" | "fallback" | "always";

/** One request. Nothing in it is changed by the layers it passes. */
export interface HttpRequest {
  /** `http:` or `https:`; without user-info. */
  readonly url: URL;
  /** Default `GET`. */
  readonly method?: "GET" | "HEAD" | "POST";
  /** Sent to the origin only; redirects elsewhere leave them behind. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Of a POST: a form, already encoded. */
  readonly body?: string;
  /** Ends waits, the exchange and the reading of its body; what it was aborted with is thrown. */
  readonly signal?: AbortSignal;
  /** Told of each wait before another attempt. */
  readonly onRetry?: (notice: RetryNotice) => void;
  /** What the authentication layer asks a token for; none is asked without it. */
  readonly scope?: AuthScope;
  /** Of this host; does not follow a redirect to another origin. Default: the transport's. */
  readonly tls?: TlsOptions;
  /** Default `fallback`. */
  readonly allowPlainHttp?: PlainHttp;
  /**
   * Size in bytes of the whole document or blob, where it is known: with it, an answer
   * that is wrongly labelled as encoded is told from one that is encoded.
   */
  readonly expectedBytes?: number;
  /** Longest wait for a connection, in ms, where this host has one of its own. */
  readonly connectTimeoutMs?: number;
  /** Attempts in all, where the transport's own number is too many: another host can be asked. */
  readonly maxAttempts?: number;
}

/** A wait before another attempt. */
export interface RetryNotice {
  /** Host and port that is waited for. */
  readonly host: string;
  /** The number of the attempt that comes after the wait, from 1. */
  readonly attempt: number;
  /** Words for a person, such as `rate limited`. */
  readonly reason: string;
  /** Wait before the next attempt, in ms. */
  readonly delayMs: number;
}

/** Sends a request and answers when the response's headers are there. */
export type Transport = (request: HttpRequest) => Promise<HttpResponse>;

/** Wraps a transport in one concern. */
export type Middleware = (next: Transport) => Transport;
