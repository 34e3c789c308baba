// Every example of `dray help COMMAND` and of the README is run as it stands, by a shell, with the
// permissions that users have. New ones are run by themselves, or are named here with a reason.
import assert from "node:assert/strict";
import { DrayError } from "../../src/errors.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { parseReference } from "../../src/spec/reference.ts";
import { type DrayPlace, openDrayPlace } from "../testing/dray_place.ts";
import {
  type FakeRegistry,
  startFakeRegistry,
} from "../testing/fake_registry.ts";
import { buildImage, buildIndex } from "../testing/image_builder.ts";
import { requirePeers } from "../testing/peers.ts";
import { mustRun, runCommand } from "../testing/run_command.ts";
import { writeTar } from "../../src/tar/write_tar.ts";

/** Examples that are not run here, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  "dray login ghcr.io": "asks on a terminal; login_test.ts answers",
  "dray login -u ci --password-stdin registry.example.com":
    "asks the registry itself, never a mirror; login_test.ts has one",
  "dray login -u me --password-stdin ghcr.io < token":
    "asks the registry itself, never a mirror; login_test.ts has one",
  "dray pull --hosts-dir /etc/containerd/certs.d alpine":
    "reads a folder of the system; any_registry_test.ts has one",
  "dray completions fish | source":
    "is for fish; complete/shells_test.ts runs it",
  "dray completions powershell | Out-String | iex":
    "is for PowerShell, which is not to be had here",
};

function whyLeftOut(example: string): string | undefined {
  if (/(?:^|\| *)(?:docker|podman) /.test(example)) {
    return "needs docker; the tests of export and import have other tools";
  }
  return example.startsWith("dray serve")
    ? "runs until it is stopped; serve_test.ts stops it"
    : LEFT_OUT[example];
}

const EXAMPLES = [
  ...new Set([
    ...COMMANDS.flatMap(({ docs }) =>
      docs.examples.map(({ command }) => command)
    ),
    ...readmeExamples(),
  ]),
];

/** Lines of the README's shell blocks that have dray in them. */
function readmeExamples(): readonly string[] {
  const text = Deno.readTextFileSync(
    new URL("../../README.md", import.meta.url),
  );
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)]
    .flatMap(([, block = ""]) => block.split("\n"))
    .filter((line) => /(?:^|[|(] *)dray /.test(line));
}

const files = {
  "etc/os-release": "NAME=sample\n",
  "bin/sh": "#!\n",
  "lib/libc.so": "x",
  "srv/app.tar": writeTar([{ path: "hello", content: "hello\n" }]),
};
const image = buildIndex(
  ["amd64", "arm64"].map((architecture) =>
    buildImage({
      layers: [{ files }],
      platform: { os: "linux", architecture },
    })
  ),
);

/** As it is run: the digest that an example leaves open is the image's, and stdin an archive. */
function toLine(example: string): string {
  const line = example.replaceAll("sha256:…", image.root.descriptor.digest);
  return /^dray import .* -$/.test(line) ? `${line} < app.tar` : line;
}

/** Words of the examples that may be references; that some only look so does no harm. */
function referencesOf(example: string): readonly string[] {
  return toLine(example).split(/[\s|&']+/).slice(1).filter((word) => {
    try {
      return /^[a-z]/.test(word) && parseReference(word) !== undefined;
    } catch (error) {
      if (error instanceof DrayError) return false;
      throw error;
    }
  });
}

/** A mirror of every registry that has what the examples name, and a store with it. */
async function prepare(
  place: DrayPlace,
  registry: FakeRegistry,
): Promise<void> {
  const references = [...new Set(EXAMPLES.flatMap(referencesOf))];
  for (const text of references) {
    const { repository, tag = "" } = parseReference(text);
    registry.push(repository, tag, image);
  }
  const hosts = place.join(".config", "dray", "certs.d", "_default");
  await Deno.mkdir(hosts, { recursive: true });
  await Deno.writeTextFile(
    `${hosts}/hosts.toml`,
    `server = "http://${registry.host}"\n`,
  );
  // For a logout to forget.
  await Deno.mkdir(place.join(".docker"));
  const auths = { "ghcr.io": { auth: btoa("me:secret") } };
  await Deno.writeTextFile(
    place.join(".docker", "config.json"),
    JSON.stringify({ auths }),
  );
  const list = place.join("all.txt");
  await Deno.writeTextFile(list, references.join("\n"));
  const args = ["pull", "-q", "--all-platforms", "--from-file", list];
  await mustRun("dray", [...args, "--store", place.join("template")], {
    env: place.env,
  });
  await Deno.mkdir(place.join("made"));
  const made = { env: place.env, cwd: place.join("made") };
  const store = ["--store", place.join("template")];
  await mustRun(
    "dray",
    ["export", "alpine", "-o", "alpine.tar", ...store],
    made,
  );
  const layout = ["export", "alpine", "--format", "oci-dir", "-o", "layout"];
  await mustRun("dray", [...layout, ...store], made);
  await mustRun("cp", ["alpine.tar", "backup.tar"], made);
  await mustRun("cp", ["alpine.tar", "images.tar"], made);
  const archive = ["export", "app:1", "--format", "docker-archive"];
  await mustRun("dray", [...archive, "-o", "app.tar", ...store], made);
}

const peers = await requirePeers("bash", "man");

peers.test("every example of dray help COMMAND and of the README does what it says", async (test) => {
  await using place = await openDrayPlace();
  await using registry = startFakeRegistry();
  await prepare(place, registry);
  for (const example of EXAMPLES) {
    const why = whyLeftOut(example);
    await test.step({
      name: example + (why === undefined ? "" : `: left out, it ${why}`),
      ignore: why !== undefined,
      fn: async () => {
        await mustRun("sh", ["-c", FRESH], { cwd: place.path });
        if (example.startsWith("dray import")) {
          await mustRun("sh", ["-c", "cp -a ../made/. ."], {
            cwd: place.join("work"),
          });
        }
        const args = ["60", "bash", "-c", toLine(example)];
        const { code, stderr } = await runCommand("timeout", args, {
          env: place.env,
          clearEnv: true,
          cwd: place.join("work"),
        });
        assert.equal(code, 0, stderr);
        assert.doesNotMatch(stderr, /^dray: (error|warning)/m);
      },
    });
  }
});

/** Each example finds the same; an import finds what an export made. */
const FRESH =
  `rm -rf store work && cp -a template store && mkdir -p work/root &&
echo alpine > work/images.txt`;

Deno.test("examples that are left out are examples still", () => {
  for (const example of Object.keys(LEFT_OUT)) {
    assert.ok(EXAMPLES.includes(example), example);
  }
});
