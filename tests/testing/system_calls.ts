/** What a program did to its files, one call after the other. */
export type FileCall =
  | { readonly call: "create" | "truncate0" | "mkdir"; readonly path: string }
  | { readonly call: "remove"; readonly path: string }
  | { readonly call: "rename"; readonly path: string; readonly to: string }
  | {
    readonly call: "write";
    readonly path: string;
    readonly offset: number;
    readonly bytes: Uint8Array<ArrayBuffer>;
  }
  | { readonly call: "resize"; readonly path: string; readonly size: number }
  /** What was written before `sync-start` is on the disk once `sync-end` comes. */
  | {
    readonly call: "sync-start" | "sync-end";
    readonly path: string;
    readonly id: number;
  };

/** The calls that {@linkcode parseCalls} knows, for `strace -e trace=`. */
export const TRACED =
  "openat,write,pwrite64,pwritev,writev,lseek,ftruncate,fallocate,copy_file_range," +
  "fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,linkat,symlink";

const LINE = /^(\d+) +(.*)$/s;
const RESUMED = /^<\.\.\. (\w+) resumed>(.*)$/s;
const UNFINISHED = " <unfinished ...>";

/**
 * Reads what `strace -f -y -s …` wrote, as far as it is about paths below a folder.
 *
 * @throws Error at a call that would change files in a way that isn't known here.
 */
export function parseCalls(trace: string, dir: string): readonly FileCall[] {
  const calls: FileCall[] = [];
  const begun = new Map<string, { text: string; id: number }>();
  const offsets = new Map<string, number>();
  let lastId = 0;
  for (const line of trace.split("\n")) {
    const [, pid = "", rest = ""] = LINE.exec(line) ?? [];
    if (rest.endsWith(UNFINISHED)) {
      const text = rest.slice(0, -UNFINISHED.length);
      begun.set(pid, { text, id: ++lastId });
      calls.push(...syncOf(text, "sync-start", lastId));
      continue;
    }
    const resumed = RESUMED.exec(rest);
    const start = resumed === null ? undefined : begun.get(pid);
    const text = start === undefined ? rest : start.text + (resumed?.[2] ?? "");
    const id = start?.id ?? ++lastId;
    if (start === undefined) calls.push(...syncOf(text, "sync-start", id));
    calls.push(...callsOf(text, offsets), ...syncOf(text, "sync-end", id));
  }
  return calls.filter(({ path }) => path === dir || path.startsWith(`${dir}/`));
}

function syncOf(
  text: string,
  call: "sync-start" | "sync-end",
  id: number,
): readonly FileCall[] {
  const match = /^f(?:data)?sync\(\d+<([^>]*)>/.exec(text);
  if (match === null || (call === "sync-end" && !/= 0\s*$/.test(text))) {
    return [];
  }
  return [{ call, path: match[1] ?? "", id }];
}

const CALL = /^(\w+)\((.*)\)\s+= (-?\d+)(?:<([^>]*)>)?[^"]*$/s;

function callsOf(
  text: string,
  offsets: Map<string, number>,
): readonly FileCall[] {
  const [, name = "", args = "", result = "", resultPath = ""] =
    CALL.exec(text) ?? [];
  if (name === "" || result.startsWith("-")) return [];
  const [, fd = "", path = ""] = /^(\d+)<([^>]*)>/.exec(args) ?? [];
  const paths = [...args.matchAll(/"((?:[^"\\]|\\.)*)"/g)]
    .map(([, quoted = ""]) => quoted);
  switch (name) {
    case "openat":
      offsets.set(result, 0);
      if (!args.includes("O_CREAT")) return [];
      return [{ call: "create", path: resultPath }];
    case "write":
    case "pwrite64": {
      const bytes = bytesOf(args).subarray(0, Number(result));
      const at = offsets.get(fd) ?? 0;
      if (name === "write") offsets.set(fd, at + bytes.length);
      const given = /(\d+)$/.exec(args)?.[1];
      const offset = name === "write" ? at : Number(given);
      return [{ call: "write", path, offset, bytes }];
    }
    case "lseek":
      offsets.set(fd, Number(result));
      return [];
    case "ftruncate":
      return [{ call: "resize", path, size: Number(/(\d+)$/.exec(args)?.[1]) }];
    case "fsync":
    case "fdatasync":
      return [];
    case "rename":
      return [{ call: "rename", path: paths[0] ?? "", to: paths[1] ?? "" }];
    case "mkdir":
      return [{ call: "mkdir", path: paths[0] ?? "" }];
    case "unlink":
    case "rmdir":
      return [{ call: "remove", path: paths[0] ?? "" }];
    default:
      // Elsewhere the program may do as it likes; what is below the folder must be understood.
      return [{ call: "remove", path: `${path || paths[0]}: unknown ${name}` }];
  }
}

const ESCAPES: Readonly<Record<string, number>> = {
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  f: 12,
};

/** The text between the quotation marks, as bytes: strace escapes as C does, in octal. */
function bytesOf(args: string): Uint8Array<ArrayBuffer> {
  const text = args.slice(args.indexOf('"') + 1, args.lastIndexOf('"'));
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    let byte = text.charCodeAt(at);
    if (byte === 0x5c) {
      const octal = /^[0-7]{1,3}/.exec(text.slice(at + 1, at + 4))?.[0];
      const next = text.charAt(at + 1);
      byte = octal === undefined
        ? ESCAPES[next] ?? next.charCodeAt(0)
        : parseInt(octal, 8);
      at += octal?.length ?? 1;
    }
    bytes[length++] = byte;
  }
  return bytes.slice(0, length);
}
