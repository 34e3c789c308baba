/** Calls back each time the program goes on after it was stopped, as by Ctrl-Z and `fg`. */
export function onResume(listener: () => void): Disposable {
  if (Deno.build.os === "windows") return { [Symbol.dispose]: () => {} };
  Deno.addSignalListener("SIGCONT", listener);
  return {
    [Symbol.dispose]: (): void => {
      Deno.removeSignalListener("SIGCONT", listener);
    },
  };
}
