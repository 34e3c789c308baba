const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM"];

/**
 * Calls back at the first SIGINT or SIGTERM. From then on, and once disposed, a
 * signal has its usual effect and ends the program.
 */
export function onInterrupt(listener: () => void): Disposable {
  const stop = (): void => {
    for (const signal of SIGNALS) Deno.removeSignalListener(signal, onSignal);
  };
  const onSignal = (): void => {
    stop();
    listener();
  };
  for (const signal of SIGNALS) Deno.addSignalListener(signal, onSignal);
  return { [Symbol.dispose]: stop };
}
