import type {
  HelperCall,
  HelperResult,
  RunHelper,
} from "../../src/registry/run_helper.ts";

/** A runner of helpers that records its calls and answers with what a function says. */
export function fakeHelper(
  answer: (call: HelperCall) => string | HelperResult | Promise<HelperResult>,
): RunHelper & { readonly calls: HelperCall[] } {
  const calls: HelperCall[] = [];
  const run = async (call: HelperCall): Promise<HelperResult> => {
    calls.push(call);
    const result = await answer(call);
    return typeof result === "string"
      ? { success: true, stdout: result }
      : result;
  };
  return Object.assign(run, { calls });
}

/** What a helper prints that knows a credential. */
export function helperJson(
  url: string,
  username: string,
  secret: string,
): string {
  return JSON.stringify({ ServerURL: url, Username: username, Secret: secret });
}
