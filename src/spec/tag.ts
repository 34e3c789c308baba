import { quoteText } from "./escape_text.ts";

const MAX_TAG_LENGTH = 128;

/**
 * Says what is wrong with a tag, to go on after its name; undefined where nothing
 * is. ASCII letters, digits and `_`, then also `.` and `-`, 128 at most.
 */
export function findTagFault(tag: string): string | undefined {
  if (tag === "") return "is empty";
  if (tag.length > MAX_TAG_LENGTH) {
    return `has ${tag.length} characters, more than ${MAX_TAG_LENGTH}`;
  }
  // Spelled out, since \w is more than ASCII in some languages.
  const startsWell = /^[A-Za-z0-9_]/.test(tag);
  const wrong = startsWell ? tag.search(/[^A-Za-z0-9_.-]/) : 0;
  if (wrong < 0) return undefined;
  const character = String.fromCodePoint(tag.codePointAt(wrong) ?? 0);
  return `has ${quoteText(character)} at position ${wrong + 1}`;
}
