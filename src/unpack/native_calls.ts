import type { DeviceNumbers } from "../tar/archive_entry.ts";

/** System calls that Deno has no function for. Each tells whether the system permitted it. */
export interface NativeCalls extends Disposable {
  /** @param mode File type and permission bits. */
  readonly makeNode: (
    path: string,
    mode: number,
    device: DeviceNumbers,
  ) => boolean;
  readonly setXattr: (
    path: string,
    name: string,
    value: Uint8Array,
  ) => boolean;
  /** Waits until all of the file system is on disk. */
  readonly syncFileSystem: (path: string) => boolean;
}

/** Where glibc and musl are; by path, since a permission may be for one library only. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  x86_64: [
    "/lib/x86_64-linux-gnu/libc.so.6",
    "/lib64/libc.so.6",
    "/usr/lib/libc.so.6",
  ],
  aarch64: [
    "/lib/aarch64-linux-gnu/libc.so.6",
    "/lib64/libc.so.6",
    "/usr/lib/libc.so.6",
  ],
};

const SYMBOLS = {
  mknod: { parameters: ["buffer", "u32", "u64"], result: "i32" },
  lsetxattr: {
    parameters: ["buffer", "buffer", "buffer", "usize", "i32"],
    result: "i32",
  },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  syncfs: { parameters: ["i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
} as const;

/**
 * The C library, where the program was permitted to use it (`--allow-ffi`): it never asks for
 * that. Elsewhere devices and attributes go to the sidecar.
 */
export function findNativeCalls(): NativeCalls | undefined {
  if (Deno.build.os !== "linux") return undefined;
  for (const path of LIBRARIES[Deno.build.arch] ?? []) {
    const permission = Deno.permissions.querySync({ name: "ffi", path });
    if (permission.state !== "granted") continue;
    try {
      return nativeCalls(Deno.dlopen(path, SYMBOLS));
    } catch {
      // No such library here: the next path, or none.
    }
  }
  return undefined;
}

function nativeCalls(opened: Deno.DynamicLibrary<typeof SYMBOLS>): NativeCalls {
  const library = opened.symbols;
  return {
    [Symbol.dispose]: () => opened.close(),
    makeNode: (path, mode, device) =>
      library.mknod(cString(path), mode, deviceNumber(device)) === 0,
    setXattr: (path, name, value) => {
      const bytes = new Uint8Array(value);
      const size = BigInt(bytes.length);
      return library.lsetxattr(cString(path), cString(name), bytes, size, 0) ===
        0;
    },
    syncFileSystem: (path) => {
      const handle = library.open(cString(path), 0);
      if (handle < 0) return false;
      const done = library.syncfs(handle) === 0;
      library.close(handle);
      return done;
    },
  };
}

/** As glibc's makedev: both numbers are split in two. */
function deviceNumber({ major, minor }: DeviceNumbers): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return (high & 0xfff_ff000n) << 32n | (high & 0xfffn) << 8n |
    (low & 0xffff_ff00n) << 12n | low & 0xffn;
}

function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}
