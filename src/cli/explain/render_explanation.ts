import { escapeText } from "../../spec/escape_text.ts";
import type { ExplainedHost, Explanation } from "./explanation.ts";

/** Topic, value, and why; a topic that is indented belongs to the one above. */
type Row = readonly [topic: string, value: string, why: string];

/** Wide enough for the topics. */
const TOPIC_WIDTH = 15;

/** An explanation as people read it, a fact a line. */
export function renderExplanation(explanation: Explanation): readonly string[] {
  const { reference, digest, registry, hosts, platforms, store, download } =
    explanation;
  const rows: readonly Row[] = [
    ["registry", registry.value, registry.why],
    ...hosts.flatMap(hostRows),
    ...platforms.map(({ value, why }): Row => ["platform", value, why]),
    ["store", store.value, store.why],
    ...(download === undefined ? [] : [["download", download, ""] as const]),
  ];
  const title = digest === undefined
    ? `${reference}: not resolved`
    : `${reference}@${digest}`;
  return [title, ...rows.map(rowText)].map(escapeText);
}

function hostRows(host: ExplainedHost): readonly Row[] {
  const { role, url, why, protocol, proxy, credentials, answer, rateLimit } =
    host;
  return [
    [role, url, why],
    ["  protocol", protocol.value, protocol.why],
    ["  proxy", proxy.value, proxy.why],
    ["  credentials", credentials.value, credentials.why],
    ["  answer", answer, ""],
    ...(rateLimit === undefined
      ? []
      : [["  rate limit", rateLimit, ""] as const]),
  ];
}

function rowText([topic, value, why]: Row): string {
  const note = why === "" ? "" : ` (${why})`;
  return `  ${topic.padEnd(TOPIC_WIDTH)}${value}${note}`;
}
