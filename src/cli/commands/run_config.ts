import { formatPlatform, hostPlatform } from "../../spec/platform.ts";
import { escapeText } from "../../spec/escape_text.ts";
import { formatTable } from "../../ui/format_table.ts";
import { COMMANDS } from "../commands.ts";
import { findConfigDir } from "../default_dirs.ts";
import type { GlobalFlags } from "../global_flags.ts";
import type { Session } from "../session.ts";
import { configFilePath } from "../settings/config_file_path.ts";
import { SETTINGS } from "../settings/setting_table.ts";
import type { SettledValue } from "../settings/settle_arguments.ts";
import { optionsOf } from "../typed_line.ts";

const COLUMNS = [
  { title: "setting" },
  { title: "value" },
  { title: "from" },
] as const;

/** Prints what holds. */
export async function runConfig(
  session: Session,
  flags: GlobalFlags,
): Promise<void> {
  const values = session.settings.map((setting) =>
    setting.value === undefined
      ? { ...setting, value: defaultOf(session, flags, setting.name) }
      : setting
  );
  if (flags.json) {
    for (const { name, value, source, from } of values) {
      session.printJson({
        setting: name,
        value: valueJson(name, value),
        source,
        from: from ?? null,
      });
    }
    return;
  }
  const rows = values.map(({ name, value, source, from }) => [
    name,
    escapeText(value ?? "none"),
    from === undefined ? "default" : originText(source, from),
  ]);
  for (const line of formatTable(COLUMNS, rows)) session.print(line);
  session.note(await describeFile(session, flags));
}

function originText(source: SettledValue["source"], from: string): string {
  return source === "file" ? escapeText(from) : `${source} ${from}`;
}

function valueJson(
  name: string,
  value: string | undefined,
): string | readonly string[] | null {
  const setting = SETTINGS.find((one) => one.name === name);
  if (value === undefined) return null;
  return setting?.isList ? value.split(",").map((one) => one.trim()) : value;
}

/** The program's own. */
function defaultOf(
  session: Session,
  flags: GlobalFlags,
  name: string,
): string | undefined {
  switch (name) {
    case "store":
      return session.storeDir;
    case "default-registry":
      return "docker.io";
    case "platforms":
      return formatPlatform(hostPlatform());
    case "hosts-dir": {
      const dir = configDirOf(session, flags);
      return dir && `${dir}/certs.d`;
    }
  }
  const option = `--${name}`;
  const pull = COMMANDS.find((command) => command.name === "pull");
  const flag = optionsOf(pull).find(({ text }) => text === option)?.flag;
  return typeof flag?.default === "string" ? flag.default : undefined;
}

function configDirOf(
  session: Session,
  flags: GlobalFlags,
): string | undefined {
  return flags.configDir ?? findConfigDir(session.host.environment);
}

async function describeFile(
  session: Session,
  flags: GlobalFlags,
): Promise<string> {
  const dir = configDirOf(session, flags);
  if (dir === undefined) return "No folder for config.toml is known";
  const path = configFilePath(dir);
  const isThere = await Deno.stat(path).then(() => true, () => false);
  return isThere ? `Read: ${path}` : `Not there: ${path}`;
}
