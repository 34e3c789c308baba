/**
 * A terminal that goes away interrupts too, so that bars are taken off the screen where it was just
 * a signal. Without a terminal SIGHUP is left alone: `nohup` has it ignored.
 */
function signals(): readonly Deno.Signal[] {
  if (Deno.build.os === "windows") return ["SIGINT"];
  return Deno.stderr.isTerminal()
    ? ["SIGINT", "SIGTERM", "SIGHUP"]
    : ["SIGINT", "SIGTERM"];
}

/**
 * Calls back at the first SIGINT, SIGTERM or loss of the terminal. From then on, and once disposed, a
 * signal has its usual effect and ends the program.
 */
export function onInterrupt(listener: () => void): Disposable {
  const heard = signals();
  const stop = (): void => {
    for (const signal of heard) Deno.removeSignalListener(signal, onSignal);
  };
  const onSignal = (): void => {
    stop();
    listener();
  };
  for (const signal of heard) Deno.addSignalListener(signal, onSignal);
  return { [Symbol.dispose]: stop };
}
