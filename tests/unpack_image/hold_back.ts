import type { FakeRegistry } from "../testing/fake_registry.ts";
import { BLOBS, cutAfter } from "../testing/faults.ts";

/** A door that a transfer waits at; disposing opens it. */
export interface Gate extends Disposable {
  open(): void;
}

/** Has a registry hold back what follows the first bytes of a blob, until the gate is opened. */
export function holdBack(
  registry: FakeRegistry,
  digest: string,
  bytes: number,
): Gate {
  const gate = Promise.withResolvers<void>();
  let isFirst = true;
  registry.fault({
    match: (request, response) =>
      BLOBS(request, response) && request.path.endsWith(digest),
    fault: async (response, request) => {
      if (!isFirst) {
        await gate.promise;
        return response;
      }
      isFirst = false;
      return await cutAfter(bytes)(response, request);
    },
  });
  return { open: gate.resolve, [Symbol.dispose]: gate.resolve };
}
