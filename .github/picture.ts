/**
 * Draws the README's picture from a real run: dray in a tmux window, its
 * screen taken in the middle and at the end.
 *
 *     deno run -A .github/picture.ts
 */
import { setTimeout as wait } from "node:timers/promises";

const COLUMNS = 104;
const ROWS = 24;
const CELL_WIDTH = 8.4;
const LINE_HEIGHT = 18;
const PADDING = 16;
const SESSION = "dray-picture";
const COLORS: Readonly<Record<string, string>> = {
  "1": "#e6edf3;font-weight:bold",
  "2": "#8b949e",
  "31": "#ff7b72",
  "32": "#7ee787",
  "33": "#e3b341",
  "34": "#79c0ff",
  "35": "#d2a8ff",
  "36": "#76e3ea",
  "90": "#8b949e",
};

async function tmux(...args: readonly string[]): Promise<string> {
  const output = await new Deno.Command("tmux", { args: [...args] }).output();
  if (!output.success) {
    throw new Error(new TextDecoder().decode(output.stderr));
  }
  return new TextDecoder().decode(output.stdout);
}

/** What the window shows, line by line, with its colours as escape sequences. */
async function screen(): Promise<readonly string[]> {
  const text = await tmux("capture-pane", "-e", "-p", "-t", SESSION);
  return text.trimEnd().split("\n");
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

/** One line of a screen as coloured spans. */
function drawLine(line: string, row: number): string {
  let color = "";
  const spans = line.split("\x1b[").map((part, index) => {
    if (index === 0) return escapeXml(part);
    const end = part.indexOf("m");
    for (const code of part.slice(0, end).split(";")) {
      if (code === "0" || code === "" || code === "39") color = "";
      else color = COLORS[code] ?? color;
    }
    const text = escapeXml(part.slice(end + 1));
    return color === "" ? text : `<tspan style="fill:${color}">${text}</tspan>`;
  });
  const y = PADDING + (row + 1) * LINE_HEIGHT;
  return `<text x="${PADDING}" y="${y}" xml:space="preserve">${
    spans.join("")
  }</text>`;
}

function drawSvg(lines: readonly string[]): string {
  const width = Math.ceil(COLUMNS * CELL_WIDTH + 2 * PADDING);
  const height = lines.length * LINE_HEIGHT + 2 * PADDING;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#e6edf3}</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${lines.map(drawLine).join("\n")}
</svg>
`;
}

async function type(command: string): Promise<void> {
  await tmux("send-keys", "-t", SESSION, command, "Enter");
}

async function waitForText(text: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    await wait(100);
    if ((await screen()).join("\n").includes(text)) return;
  }
  throw new Error(`The screen never showed "${text}"`);
}

const root = new URL("../", import.meta.url).pathname;
const geometry = ["-x", `${COLUMNS}`, "-y", `${ROWS}`];
await tmux("new-session", "-d", "-s", SESSION, ...geometry, "bash --norc");
try {
  const dray =
    `dray() { "${Deno.execPath()}" run --quiet -P=dray "${root}main.ts" "$@"; }`;
  await type(`PS1='$ '; ${dray}; clear; echo ready`);
  await waitForText("ready");
  await type("clear; dray demo");
  await waitForText("left");
  await wait(400);
  const middle = await screen();
  await waitForText("Now a real one");
  const end = await screen();
  // The last line is the shell's next prompt.
  const picture = drawSvg(["$ dray demo", ...middle, "", ...end.slice(0, -1)]);
  await Deno.writeTextFile(`${root}.github/demo.svg`, picture);
} finally {
  await tmux("kill-session", "-t", SESSION);
}
