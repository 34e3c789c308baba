import { tempDir } from "./temp_dir.ts";

/** Paths of PEM files in a temporary folder, and their text. */
export interface Certificates extends AsyncDisposable {
  readonly dir: string;
  /** The private CA. */
  readonly caFile: string;
  readonly ca: string;
  /** The server's, for 127.0.0.1, ::1 and localhost. */
  readonly certFile: string;
  readonly cert: string;
  readonly keyFile: string;
  readonly key: string;
  /** A client's, signed by the same CA. */
  readonly clientCertFile: string;
  readonly clientCert: string;
  readonly clientKeyFile: string;
  readonly clientKey: string;
}

/** Options of {@linkcode makeCertificates}. */
export interface CertificateOptions {
  /** The server's names. Default: 127.0.0.1, ::1, localhost. */
  readonly altNames?: string;
  /** Common name of the CA, which error messages may show. */
  readonly caName?: string;
  /** Days that the server's is valid; negative makes it expired. Default: 2. */
  readonly days?: number;
}

/** Makes a private CA with openssl, and a server's and a client's certificate of it. */
export async function makeCertificates(
  options: CertificateOptions = {},
): Promise<Certificates> {
  const {
    altNames = "IP:127.0.0.1,IP:::1,DNS:localhost",
    caName = "dray test CA",
  } = options;
  const dir = await tempDir("dray-certs-");
  const days = String(options.days ?? 2);
  const curve = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
  ];
  await openssl(dir.path, [
    ...[
      "req",
      "-x509",
      ...curve,
      "-keyout",
      "ca.key",
      "-out",
      "ca.pem",
      "-days",
      "2",
    ],
    ...[
      "-subj",
      `/CN=${caName}`,
      "-addext",
      "basicConstraints=critical,CA:TRUE",
    ],
    ...["-addext", "keyUsage=critical,keyCertSign,cRLSign"],
  ]);
  for (
    const [name, usage] of [["server", "serverAuth"], [
      "client",
      "clientAuth",
    ]] as const
  ) {
    const extensions =
      `basicConstraints=CA:FALSE\nextendedKeyUsage=${usage}\n` +
      `subjectAltName=${name === "server" ? altNames : "DNS:client"}\n`;
    await Deno.writeTextFile(dir.join(`${name}.ext`), extensions);
    await openssl(dir.path, [
      ...[
        "req",
        ...curve,
        "-keyout",
        `${name}.key`,
        "-out",
        `${name}.csr`,
        "-subj",
        `/CN=${name}`,
      ],
    ]);
    await openssl(dir.path, [
      ...[
        "x509",
        "-req",
        "-in",
        `${name}.csr`,
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
      ],
      ...["-CAcreateserial", "-out", `${name}.pem`, "-extfile", `${name}.ext`],
      ...["-days", name === "server" ? days : "2"],
    ]);
  }
  const read = (name: string): Promise<string> =>
    Deno.readTextFile(dir.join(name));
  return {
    dir: dir.path,
    caFile: dir.join("ca.pem"),
    ca: await read("ca.pem"),
    certFile: dir.join("server.pem"),
    cert: await read("server.pem"),
    keyFile: dir.join("server.key"),
    key: await read("server.key"),
    clientCertFile: dir.join("client.pem"),
    clientCert: await read("client.pem"),
    clientKeyFile: dir.join("client.key"),
    clientKey: await read("client.key"),
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

async function openssl(cwd: string, args: readonly string[]): Promise<void> {
  const output = await new Deno.Command("openssl", { args: [...args], cwd })
    .output();
  if (!output.success) {
    throw new Error(
      `openssl ${args[0]} failed: ${new TextDecoder().decode(output.stderr)}`,
    );
  }
}
