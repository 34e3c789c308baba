import type { DrayEvent } from "../events.ts";
import { toJsonLine } from "./json_line.ts";

/**
 * An event as one line of JSON, with its moment.
 *
 * @param nowMs When it happened, milliseconds since the epoch.
 */
export function renderJson(event: DrayEvent, nowMs: number): string {
  const { event: name, ...rest } = event;
  const at = new Date(nowMs).toISOString();
  return toJsonLine({ event: name, at, ...rest });
}
