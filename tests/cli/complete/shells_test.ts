import assert from "node:assert/strict";
import { type DrayPlace, openDrayPlace } from "../../testing/dray_place.ts";
import { mustRun } from "../../testing/run_command.ts";
import { requirePeers } from "../../testing/peers.ts";
import { quote, startTmux } from "../../testing/tmux.ts";

const terminals = await requirePeers("tmux", "bash", "zsh");
const fish = await requirePeers("fish");

const BY_DIGEST = `quay.io/org/db@sha256:${"0123".repeat(16)}`;

/** What is typed before a tab, and what stands there then. */
const TYPED: readonly (readonly [typed: string, completed: string])[] = [
  ["dray pul", "dray pull"],
  ["dray inspect alp", "dray inspect alpine:3.20"],
  ["dray inspect alpine:3", "dray inspect alpine:3.20"],
  ["dray rm localhost:5", "dray rm localhost:5000/team/app:v1"],
  ["dray rm localhost:5000/team/app:", "dray rm localhost:5000/team/app:v1"],
  ["dray rm quay.io/org/db@sha", `dray rm ${BY_DIGEST}`],
  ["dray rm quay.io/org/db@sha256:0", `dray rm ${BY_DIGEST}`],
  ["dray pull --platform linux/ris", "dray pull --platform linux/riscv64"],
  ["dray pull --platform=linux/ris", "dray pull --platform=linux/riscv64"],
  ["dray --progress=pl", "dray --progress=plain"],
  ["dray images --dig", "dray images --digests"],
  ["dray help pru", "dray help prune"],
  ["dray pull --from-file lis", "dray pull --from-file list.txt"],
  ["dray pull --from-file=lis", "dray pull --from-file=list.txt"],
  ["dray unpack alpine:3.20 roo", "dray unpack alpine:3.20 rootfs/"],
];

/** A store with two images, a file and a folder. */
async function openPlace(): Promise<DrayPlace> {
  const place = await openDrayPlace();
  const names = [
    "docker.io/library/alpine:3.20",
    "localhost:5000/team/app:v1",
    BY_DIGEST,
  ];
  const manifests = names.map((name) => ({
    annotations: { "org.opencontainers.image.ref.name": name },
  }));
  await Deno.mkdir(place.join("store"));
  await Deno.mkdir(place.join("work", "rootfs"));
  await Deno.writeTextFile(place.join("work", "list.txt"), "alpine\n");
  await Deno.writeTextFile(
    place.join("store", "index.json"),
    JSON.stringify({ manifests }),
  );
  return place;
}

const SHELLS = {
  bash: ["bash", "--norc", "--noprofile", "-i"],
  zsh: ["zsh", "-f", "-i"],
} as const;

for (const shell of ["bash", "zsh"] as const) {
  terminals.test(`dray completions ${shell} completes commands, options, values, references and paths in a real ${shell}`, async () => {
    await using place = await openPlace();
    await using tmux = await startTmux({
      command: [
        "sh",
        "-c",
        'cd "$0" && exec "$@"',
        place.join("work"),
        ...SHELLS[shell],
      ],
      env: { ...place.env, PS1: "> " },
      columns: 140,
    });
    await tmux.waitFor(/^>/m);
    await tmux.type(`source <(dray completions ${shell}) && echo ready`);
    await tmux.keys("Enter");
    await tmux.waitFor(/^ready\n>/m);
    for (const [typed, completed] of TYPED) {
      await tmux.keys("C-u", "C-l");
      await tmux.waitFor(/^>$/);
      await tmux.type(typed);
      await tmux.keys("Tab");
      await tmux.type("#");
      const screen = await tmux.waitFor(/#$/m);
      // A blank follows a whole word.
      assert.equal(screen.replace(/ ?#$/, ""), `> ${completed}`, typed);
    }
  });
}

fish.test("dray completions fish completes commands, options, values, references and paths in a real fish", async () => {
  await using place = await openPlace();
  const script = [
    "dray completions fish | source",
    ...TYPED.map(([typed]) => `complete -C ${quote(typed)}; echo ==`),
  ].join("\n");
  const output = await mustRun("fish", ["--no-config", "-c", script], {
    env: { ...place.env },
    clearEnv: true,
    cwd: place.join("work"),
  });
  const proposals = output.trimEnd().split(/^==$/m).map((text) =>
    text.trim().split("\n").map((line) => line.split("\t", 1)[0])
  );
  for (const [index, [typed, completed]] of TYPED.entries()) {
    assert.deepEqual(proposals[index], [completed.split(" ").at(-1)], typed);
  }
});

terminals.test("dray completions zsh shows what each proposal means", async () => {
  await using place = await openPlace();
  await using tmux = await startTmux({
    command: [...SHELLS.zsh],
    env: { ...place.env, PS1: "> " },
    columns: 100,
  });
  await tmux.waitFor(/^>/m);
  await tmux.type("source <(dray completions zsh)");
  await tmux.keys("Enter");
  await tmux.type("dray p");
  await tmux.keys("Tab");
  await tmux.waitFor(/^pull +-- Pull images into the store\nprune +-- /m);
});
