const UNITS = [["days", 86_400], ["h", 3_600], ["min", 60], ["s", 1]] as const;

/** A span of time for people, in its two largest units: `37 s`, `1 h 5 min`. */
export function formatWait(ms: number): string {
  let rest = Math.ceil(ms / 1000);
  const parts: string[] = [];
  for (const [unit, seconds] of UNITS) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0 && parts.length < 2) {
      parts.push(`${count} ${unit === "days" && count === 1 ? "day" : unit}`);
    }
  }
  return parts.join(" ") || "0 s";
}
