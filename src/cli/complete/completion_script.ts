import bash from "./scripts/dray.bash" with { type: "text" };
import fish from "./scripts/dray.fish" with { type: "text" };
import powershell from "./scripts/dray.ps1" with { type: "text" };
import zsh from "./scripts/dray.zsh" with { type: "text" };
import type { Shell } from "./shells.ts";

const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash,
  zsh,
  fish,
  powershell,
};

/** The script that teaches a shell to ask `dray __complete`. */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell];
}
