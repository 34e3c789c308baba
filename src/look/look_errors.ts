import { type DrayError, NotFoundError, OperationError } from "../errors.ts";
import { quoteText } from "../spec/escape_text.ts";
import type { SettledResult } from "./layer_search.ts";

/** What was to be done with which path; all of it may be outside text. */
export interface LookTopic {
  readonly action: "list" | "read";
  readonly path: string;
}

/** The error for a path that leads to nothing. */
export function notThere(
  topic: LookTopic,
  kind: Exclude<SettledResult["kind"], "found">,
): DrayError {
  switch (kind) {
    case "absent":
      return new NotFoundError(
        "path-not-found",
        `${cannot(topic)}: the image has no such file or folder`,
      );
    case "not-a-folder":
      return new NotFoundError(
        "path-not-found",
        `${cannot(topic)}: a part of the path is no folder`,
      );
    case "link-loop":
      return new OperationError(
        "link-loop",
        `${cannot(topic)}: the links in it have no end`,
      );
  }
}

/** The error for what has no bytes to read. */
export function notAFile(topic: LookTopic, what: string): DrayError {
  return new OperationError(
    "not-a-file",
    `${cannot(topic)}: it is a ${what}`,
  );
}

function cannot({ action, path }: LookTopic): string {
  return `Cannot ${action} ${quoteText(path)}`;
}
