/**
 * Whether a path means stdin. Deno opens `/dev/stdin` only for programs that may do everything,
 * and scripts written for skopeo or tar name it.
 */
export function isStdinPath(path: string): boolean {
  return path === "-" || path === "/dev/stdin" || path === "/dev/fd/0";
}

/** Whether a path means stdout, as of {@linkcode isStdinPath}. */
export function isStdoutPath(path: string): boolean {
  return path === "-" || path === "/dev/stdout" || path === "/dev/fd/1";
}
