const EXPORTS = /^export \{([^}]*)\};?\s*$/m;
const IMPORTED_NAMES = /\{([^{}]*)\} from "(\.[./]*\/)([^"/]+\.js)"/g;
const IMPORTED_ALONE = /^import "(\.[./]*\/)([^"/]+\.js)"/gm;

/** Has what was imported of merged pieces imported of the one in their place. */
export function redirect(
  text: string,
  merged: readonly string[],
  target: string,
): string {
  return text.replaceAll(
    IMPORTED_NAMES,
    (whole, list: string, folder: string, name: string) => {
      if (!merged.includes(name)) return whole;
      const imported = namesIn(list).map((one) => {
        const [theirs = one, ours = one] = one.split(" as ");
        return `${uniqueName(name, theirs)} as ${ours}`;
      });
      return `{ ${imported.join(", ")} } from "${folder}${target}"`;
    },
  ).replaceAll(
    IMPORTED_ALONE,
    (whole, folder: string, name: string) =>
      merged.includes(name) ? `import "${folder}${target}"` : whole,
  );
}

/** A piece that has nothing but the names of the merged one that were its own. */
export function handOn(name: string, text: string, target: string): string {
  const exported = exportsOf(text)
    .map((one) => `${uniqueName(name, one)} as ${one}`);
  return `export { ${exported.join(", ")} } from "./${target}";\n`;
}

/** The names that a piece exports, as the bundler lists them at its end. */
export function exportsOf(text: string): readonly string[] {
  const [, list = ""] = EXPORTS.exec(text) ?? [];
  return namesIn(list).map((one) => one.replace(/^.* as /, ""));
}

/** What stands between the braces of an import or export. */
function namesIn(list: string): readonly string[] {
  return list.split(",").map((one) => one.trim()).filter((one) => one !== "");
}

/** An export's name in a merged piece: pieces' own names are unique. */
export function uniqueName(piece: string, exported: string): string {
  return `${exported}_of_${piece.replace(/\.js$/, "").replaceAll(/\W/g, "_")}`;
}
