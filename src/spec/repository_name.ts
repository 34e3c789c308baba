import { quoteText } from "./escape_text.ts";

/** Longest repository path, registry not counted (distribution/reference 0.6). */
export const MAX_REPOSITORY_LENGTH = 255;

const COMPONENT = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;

/**
 * Says what is wrong with a repository path, to go on after its name; undefined
 * where nothing is. Components of lower-case letters and digits, joined within
 * by `.`, `_`, `__` or any number of `-`.
 */
export function findRepositoryFault(path: string): string | undefined {
  if (path === "") return "is empty";
  if (path.length > MAX_REPOSITORY_LENGTH) {
    return `has ${path.length} characters, more than ${MAX_REPOSITORY_LENGTH}`;
  }
  const character = findCharacterFault(path);
  if (character !== undefined) return character;
  let position = 1;
  for (const component of path.split("/")) {
    if (!COMPONENT.test(component)) return describeFault(component, position);
    position += component.length + 1;
  }
  return undefined;
}

function findCharacterFault(path: string): string | undefined {
  const at = path.search(/[^a-z0-9._/-]/);
  if (at < 0) return undefined;
  const character = String.fromCodePoint(path.codePointAt(at) ?? 0);
  return /\p{Lu}/u.test(character)
    ? `has an upper-case letter at position ${at + 1}`
    : `has ${quoteText(character)} at position ${at + 1}`;
}

function describeFault(component: string, position: number): string {
  if (component === "") return `has an empty component at position ${position}`;
  if (/^[._-]/.test(component)) {
    return `has a component that starts with "${
      component.charAt(0)
    }" at position ${position}`;
  }
  if (/[._-]$/.test(component)) {
    return `has a component that ends with "${
      component.slice(-1)
    }" at position ${position + component.length - 1}`;
  }
  const runs = component.matchAll(/[._-]+/g);
  for (const run of runs) {
    if (/^(?:[._]|__|-+)$/.test(run[0])) continue;
    return `has "${run[0]}" at position ${
      position + run.index
    }, where one ".",` +
      ' one or two "_", or any number of "-" may stand';
  }
  return `has the component "${component}"`;
}
