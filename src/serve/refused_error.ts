import type { RegistryErrorCode } from "./registry_error_document.ts";

/** What a source throws for a client to be told of: goes out as an error document. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  /** Of the error document; decides the status. */
  readonly code: RegistryErrorCode;

  /** @param message For the client: nothing internal belongs in it. */
  constructor(
    code: RegistryErrorCode,
    message: string,
    options: ErrorOptions = {},
  ) {
    super(message, options);
    this.code = code;
  }
}
