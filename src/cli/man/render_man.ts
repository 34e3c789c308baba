import type { CliCommand, FlagDocs } from "../define_command.ts";
import { GLOBAL_ALIASES } from "../global_flags.ts";
import {
  argumentText,
  flagRow,
  globalFlagDocs,
  letterOf,
} from "../render_help.ts";
import { environmentDocs } from "./environment_docs.ts";
import { paragraphs, request, roffText, tagged, verbatim } from "./roff.ts";

/** What a page stands on. */
export interface ManOptions {
  readonly version: string;
}

const EXIT_CODES: readonly (readonly [string, string])[] = [
  ["0", "Done."],
  ["1", "Any other failure, or several that differ."],
  ["2", "Wrong usage, or a malformed reference, platform or digest."],
  ["3", "Not found: repository, tag, manifest, platform, or not in the store."],
  ["4", "Authentication or authorization refused."],
  ["5", "The registry could not be reached, kept failing or limited the rate."],
  ["6", "Integrity: a digest or size did not match, or the store is damaged."],
  ["7", "The local side failed: disk full, no permission, a newer store."],
  ["130", "Interrupted; what was transferred stays for the next run."],
];

const FILES: readonly (readonly [string, string])[] = [
  ["~/.local/share/dray", "The local store, an OCI image layout."],
  ["~/.config/dray/config.toml", "The user's defaults; see dray-config(1)."],
  ["~/.config/dray/certs.d", "Mirrors and certificates, as containerd's."],
  ["~/.docker/config.json", "Credentials; see dray-login(1)."],
];

/** What `dray help --man` prints: dray(1), in roff. */
export function renderMan(
  commands: readonly CliCommand[],
  options: ManOptions,
): string {
  return page([
    title("dray", options),
    section("NAME", [
      roffText("dray - pull container images into a local store"),
    ]),
    section("SYNOPSIS", [
      request("B", "dray"),
      roffText("[OPTIONS] COMMAND [ARGUMENTS]"),
    ]),
    section(
      "DESCRIPTION",
      paragraphs(
        "dray pulls container images from any registry into a local store " +
          "that is an OCI image layout, and goes on where it stopped. " +
          "Each command has a page of its own, such as dray-pull(1).",
      ),
    ),
    section(
      "COMMANDS",
      commands.flatMap(({ name, docs }) => tagged(name, `${docs.brief}.`)),
    ),
    section("OPTIONS", flagEntries(globalFlagDocs(true), GLOBAL_ALIASES)),
    section("EXIT STATUS", entries(EXIT_CODES)),
    section("ENVIRONMENT", entries(environmentDocs())),
    section("FILES", entries(FILES)),
    section("SEE ALSO", [seeAlso(commands.map(({ name }) => name))]),
  ]);
}

/** What `dray help --man COMMAND` prints: dray-COMMAND(1), in roff. */
export function renderCommandMan(
  command: CliCommand,
  options: ManOptions,
): string {
  const { name, docs, args, flags, aliases } = command;
  return page([
    title(`dray-${name}`, options),
    section("NAME", [
      roffText(`dray-${name} - ${lowerFirst(docs.brief)}`),
    ]),
    section("SYNOPSIS", [
      request("B", `dray ${name}`),
      roffText(`[OPTIONS]${argumentText(args)}`),
    ]),
    section("DESCRIPTION", paragraphs(docs.description)),
    section("OPTIONS", flagEntries(flags, aliases)),
    section(
      "GLOBAL OPTIONS",
      flagEntries(globalFlagDocs(docs.network), GLOBAL_ALIASES),
    ),
    section(
      "EXAMPLES",
      docs.examples.flatMap((example) => [
        ...paragraphs(example.does),
        ...verbatim([example.command]),
      ]),
    ),
    section(
      "EXIT STATUS",
      paragraphs(`0 done, 1 failed, 2 wrong usage, ${docs.exitCodes}.`),
    ),
    section("SEE ALSO", [request("BR", "dray", "(1)")]),
  ]);
}

function page(sections: readonly (readonly string[])[]): string {
  return sections.flat().join("\n") + "\n";
}

function title(name: string, { version }: ManOptions): readonly string[] {
  return [request("TH", name.toUpperCase(), "1", "", `dray ${version}`, "")];
}

/** Empty where it would be. A paragraph begins with its heading. */
function section(name: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  const body = lines[0] === ".PP" ? lines.slice(1) : lines;
  return [request("SH", name), ...body];
}

function flagEntries(
  flags: Readonly<Record<string, FlagDocs>>,
  aliases: Readonly<Record<string, string>>,
): readonly string[] {
  return Object.entries(flags).flatMap(([key, flag]) => {
    const [option, meaning] = flagRow(key, flag, letterOf(aliases, key));
    return tagged(option.trim(), `${meaning}.`);
  });
}

function entries(
  rows: readonly (readonly [string, string])[],
): readonly string[] {
  return rows.flatMap(([tag, text]) => tagged(tag, text));
}

function seeAlso(names: readonly string[]): string {
  return names.map((name, index) => {
    const comma = index + 1 < names.length ? "," : "";
    return request("BR", `dray-${name}`, `(1)${comma}`);
  }).join("\n");
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
