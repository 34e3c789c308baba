import assert from "node:assert/strict";
import {
  commandText,
  renderLayers,
} from "../../src/cli/inspect/render_layers.ts";
import type { LayerView } from "../../src/cli/inspect/list_layers.ts";
import { createPalette, visibleWidth } from "../../src/ui/palette.ts";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import { buildImage } from "../testing/image_builder.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { runInProcess } from "./fake_host.ts";

const plain = createPalette(false);
const title = {
  reference: "docker.io/library/app:1",
  platform: { os: "linux", architecture: "arm64" },
};

function layer(
  letter: string,
  size: number,
  createdBy?: string,
): LayerView {
  return {
    digest: `sha256:${letter.repeat(64)}`,
    mediaType: "x",
    size,
    ...createdBy === undefined ? {} : { createdBy },
  };
}

const layers = [
  layer("a", 75_000_000, "/bin/sh -c #(nop) ADD file:0123456789abcdef in / "),
  layer(
    "b",
    24_999_000,
    "RUN /bin/sh -c apk  add\tcurl && rm -rf /x # buildkit",
  ),
  layer("c", 1000),
];

Deno.test("renderLayers() fits a terminal of 80 columns, a line a layer", () => {
  assert.deepEqual(
    renderLayers(layers, title, { palette: plain, maxWidth: 80 }),
    [
      "docker.io/library/app:1, linux/arm64, 3 layers, 100 MB compressed",
      "  1   75.0 MB  ━━━━━━━━━━━━━━─────   75%  aaaaaaaaaaaa  ADD file:0123456789abcd…",
      "  2   25.0 MB  ━━━━───────────────   25%  bbbbbbbbbbbb  RUN apk add curl && rm …",
      "  3    1.0 kB  ───────────────────   <1%  cccccccccccc",
    ],
  );
});

Deno.test("renderLayers() gives the command a line of its own in 40 columns", () => {
  assert.deepEqual(
    renderLayers(layers, title, { palette: plain, maxWidth: 40 }),
    [
      "docker.io/library/app:1, linux/arm64, 3…",
      "  1   75.0 MB  ━━━━━━━━━━━━━━─────   75%",
      "     ADD file:0123456789abcdef in /",
      "  2   25.0 MB  ━━━━───────────────   25%",
      "     RUN apk add curl && rm -rf /x",
      "  3    1.0 kB  ───────────────────   <1%",
    ],
  );
});

Deno.test("renderLayers() cuts nothing where there is no terminal", () => {
  const lines = renderLayers(layers, title, { palette: plain });
  assert.equal(
    lines[1],
    "  1   75.0 MB  ━━━━━━━━━━━━━━━━━━──────   75%  aaaaaaaaaaaa  ADD file:0123456789abcdef in /",
  );
});

Deno.test("renderLayers() never is wider than the terminal, with colours too", () => {
  const many = Array.from({ length: 120 }, (_, at) => layer("d", at * 999));
  for (let maxWidth = 30; maxWidth < 130; maxWidth += 7) {
    const palette = createPalette(true);
    for (
      const line of renderLayers([...layers, ...many], title, {
        palette,
        maxWidth,
      })
    ) {
      assert.ok(visibleWidth(line) <= maxWidth, `${maxWidth}: ${line}`);
    }
  }
});

Deno.test("renderLayers() of an image without layers, or of empty ones, divides by nothing", () => {
  assert.deepEqual(
    renderLayers([], { reference: "a" }, { palette: plain }),
    ["a, 0 layers, 0 B compressed"],
  );
  assert.match(
    renderLayers([layer("a", 0)], title, { palette: plain })[1] ?? "",
    /0%/,
  );
});

Deno.test("commandText() unwraps what build tools wrap, and escapes the rest", () => {
  const cases: readonly (readonly [string | undefined, string])[] = [
    [undefined, ""],
    ['/bin/sh -c #(nop)  CMD ["sh"]', 'CMD ["sh"]'],
    ["/bin/sh -c apk add x", "RUN apk add x"],
    ["RUN |1 A=b /bin/sh -c make # buildkit", "RUN make"],
    ["COPY . /app # buildkit", "COPY . /app"],
    ["evil \x1b]0;title\x07", "evil \\x1b]0;title\\x07"],
  ];
  for (const [createdBy, text] of cases) {
    assert.equal(commandText(createdBy), text);
  }
});

const image = buildImage({
  layers: [{ randomBytes: 30_000 }, { seed: 2, randomBytes: 10_000 }],
  config: {
    history: [
      { created_by: "ADD files in /" },
      { created_by: "ENV x=y", empty_layer: true },
      { created_by: "RUN make" },
      { created_by: "CMD sh", empty_layer: true },
    ],
  },
});

Deno.test("dray inspect --layers shows the same from the store and from the registry, with --json too", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  const store = ["--store", dir.path];
  await runInProcess(["pull", "-q", reference, ...store]);
  const args = ["inspect", "--layers", reference, "-q", ...store];
  const stored = await runInProcess(args);
  assert.equal(stored.code, 0, stored.stderr);
  assert.match(stored.stdout, /^ {2}1 .* ADD files in \/\n {2}2 .* RUN make$/m);
  assert.equal(
    (await runInProcess([...args, "--remote"])).stdout,
    stored.stdout,
  );
  const json = JSON.parse((await runInProcess([...args, "--json"])).stdout);
  assert.deepEqual(
    json.layers.map(({ createdBy, digest }: LayerView) => [createdBy, digest]),
    [
      ["ADD files in /", image.layers[0]?.descriptor.digest],
      ["RUN make", image.layers[1]?.descriptor.digest],
    ],
  );
  const sum = json.layers.reduce(
    (all: number, one: { share: number }) => all + one.share,
    0,
  );
  assert.ok(Math.abs(sum - 1) < 0.001, String(sum));
  const sizes = image.layers.map(({ bytes }) => bytes.length);
  assert.equal(json.layersBytes, (sizes[0] ?? 0) + (sizes[1] ?? 0));
});

Deno.test("dray inspect --layers paints on a terminal only, and not with NO_COLOR", async () => {
  await using registry = startFakeRegistry();
  const reference = registry.push("team/app", "v1", image);
  const args = ["inspect", "--layers", "--remote", "-q", reference];
  const terminal = { stdoutIsTerminal: true, columns: 60 };
  const painted = await runInProcess(args, terminal);
  assert.ok(painted.stdout.includes("\x1b[36m"));
  const environment = { NO_COLOR: "1" };
  for (const options of [{}, { ...terminal, environment }]) {
    assert.ok(!(await runInProcess(args, options)).stdout.includes("\x1b"));
  }
});

Deno.test("dray inspect --layers tells no commands where the history is of other layers", async () => {
  await using registry = startFakeRegistry();
  const odd = buildImage({
    layers: [{}, { seed: 2 }],
    config: { history: [{ created_by: "RUN one" }] },
  });
  const reference = registry.push("team/odd", "v1", odd);
  const { stdout } = await runInProcess(
    ["inspect", "--layers", "--remote", "-q", reference],
  );
  assert.doesNotMatch(stdout, /RUN one/);
});

Deno.test("dray inspect --layers with --raw is wrong usage", async () => {
  const { code, stderr } = await runInProcess(
    ["inspect", "--layers", "--raw", "alpine"],
  );
  assert.equal(code, 2);
  assert.match(stderr, /--raw and --layers/);
});
