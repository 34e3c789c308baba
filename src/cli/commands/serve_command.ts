import { parseRegistry } from "../../spec/registry_name.ts";
import { type CliCommand, defineCommand } from "../define_command.ts";
import { parseDuration } from "../parse_duration.ts";
import { type ListenAddress, parseListen } from "../parse_listen.ts";

/** Options of `dray serve`. */
export interface ServeFlags {
  readonly listen: ListenAddress;
  /** A registry, in its canonical form. */
  readonly upstream?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  /** Milliseconds. */
  readonly grace: number;
  readonly noAccessLog: boolean;
}

/** `dray serve` */
export const serveCommand: CliCommand = defineCommand<ServeFlags>({
  name: "serve",
  docs: {
    brief: "Serve the store as a read-only registry",
    description:
      "Serves the store as a read-only registry, from which docker, podman, " +
      "containerd, skopeo and dray pull. docker.io/library/alpine is served " +
      "as library/alpine, as docker.io/library/alpine, and as library/alpine " +
      "with ?ns=docker.io, which is how containerd asks a mirror; what is of " +
      "another registry likewise. The first line on stdout is the address. " +
      "Ctrl-C lets answers on their way end, a second one doesn't. With " +
      "--upstream it is a pull-through mirror: what is not stored is fetched, " +
      "sent on as it comes, and kept once it is verified; a tag is asked for " +
      "upstream each time: one that was deleted there is gone here too, and " +
      "while upstream is out of reach what is stored is served. dray images " +
      "shows a platform once a client has pulled all of it. " +
      "Each request is a line on stderr (an object with --json), and " +
      "/metrics has counts for Prometheus.",
    examples: [
      { command: "dray serve", does: "on 127.0.0.1:5000" },
      {
        command: "dray serve --listen 127.0.0.1:0 --json",
        does: "on a free port, which a script reads from stdout",
      },
      {
        command: "dray serve --upstream docker.io",
        does: "a mirror of Docker Hub, for a fleet of machines",
      },
      {
        command: "dray serve --listen :443 --tls-cert c.pem --tls-key k.pem",
        does: "for other machines, over TLS",
      },
    ],
    exitCodes: "7 address in use, local disk or permission; " +
      "Ctrl-C and SIGTERM end it with 0",
    network: true,
  },
  flags: {
    listen: {
      kind: "parsed",
      parse: parseListen,
      default: "127.0.0.1:5000",
      placeholder: "HOST:PORT",
      brief: "Address to listen on; port 0 is a free one",
    },
    upstream: {
      kind: "parsed",
      parse: parseRegistry,
      optional: true,
      placeholder: "REGISTRY",
      brief: "Fetch from here, and store, what is not in the store",
    },
    tlsCert: {
      kind: "parsed",
      parse: String,
      optional: true,
      placeholder: "PEM",
      brief: "Certificate chain: serve HTTPS",
    },
    tlsKey: {
      kind: "parsed",
      parse: String,
      optional: true,
      placeholder: "PEM",
      brief: "The certificate's key",
    },
    grace: {
      kind: "parsed",
      parse: parseDuration,
      default: "10s",
      placeholder: "TIME",
      brief: "How long answers may still take at the end",
    },
    noAccessLog: {
      kind: "boolean",
      default: false,
      withNegated: false,
      brief: "No line on stderr for each request",
    },
  },
  args: { placeholder: "", brief: "", min: 0, max: 0 },
  load: async () => {
    const { runServe }: typeof import("./run_serve.ts") = await import(
      "./run_serve.ts" as string
    );
    return runServe;
  },
});
