import {
  DrayError,
  IntegrityError,
  LocalError,
  OperationError,
} from "../errors.ts";
import type { FileGrowth } from "../io/growing_file.ts";
import type { LayerJob, LayerProgress } from "./layer_job.ts";

/** What a thread that unpacks is told. */
export type UnpackRequest =
  & { readonly id: number }
  & (
    | { readonly kind: "start"; readonly job: LayerJob }
    /** More of the blob is there. */
    | { readonly kind: "growth"; readonly growth: FileGrowth }
    | { readonly kind: "abort" }
    /** The folder was moved; ends the job. */
    | { readonly kind: "settle"; readonly path: string }
  );

/** What it answers. */
export type UnpackAnswer =
  & { readonly id: number }
  & (
    | { readonly kind: "progress"; readonly progress: LayerProgress }
    | {
      readonly kind: "unpacked";
      readonly bytes: number;
      readonly lines: readonly string[];
    }
    | { readonly kind: "settled" }
    | { readonly kind: "error"; readonly error: ThreadError }
  );

/** An error on its way to another thread, which takes no classes. */
export interface ThreadError
  extends Pick<DrayError, "code" | "message" | "hint" | "details"> {
  readonly exitCode: number;
}

/** Packs an error up. */
export function packError(error: unknown): ThreadError {
  if (error instanceof DrayError) {
    const { code, message, hint, details, exitCode } = error;
    return { code, message, details, exitCode, ...hint ? { hint } : {} };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: "unexpected", message, details: {}, exitCode: 1 };
}

/** What {@linkcode packError} packed. */
export function unpackError(error: ThreadError): DrayError {
  const { code, message, hint, details, exitCode } = error;
  const options = { hint, details };
  switch (exitCode) {
    case 6:
      return new IntegrityError(code, message, options);
    case 7:
      return new LocalError(code, message, options);
    default:
      return new OperationError(code, message, options);
  }
}
