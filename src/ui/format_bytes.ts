const UNITS = ["kB", "MB", "GB", "TB", "PB"] as const;

/**
 * A size for people, in powers of 1000 as registries and docker show them: `950 B`, `3.6 MB`, `128 MB`.
 *
 * @param bytes At least 0.
 */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  let value = bytes / 1000;
  let unit = 0;
  // 999.5 of a unit would be shown as 1000 of it.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = value < 99.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/**
 * A speed for people: `3.6 MB/s`.
 *
 * @param bytesPerSecond At least 0.
 */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}
