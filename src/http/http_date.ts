const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

/** RFC 9110, section 5.6.7: the form in use, and the two that must still be understood. */
const FORMS = [
  /^[A-Z][a-z]{2}, (?<day>\d{2}) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^[A-Z][a-z]{5,8}, (?<day>\d{2})-(?<month>[A-Z][a-z]{2})-(?<year>\d{2}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d{2}:\d{2}:\d{2}) (?<year>\d{4})$/,
];

/** The time in ms since 1970 that an HTTP-date names, or undefined for anything else. */
export function findHttpDate(text: string | null): number | undefined {
  if (text === null || text.length > 40) return undefined;
  for (const form of FORMS) {
    const groups = form.exec(text)?.groups;
    if (groups !== undefined) return toTime(groups);
  }
  return undefined;
}

function toTime(groups: Record<string, string>): number | undefined {
  const month = MONTHS.indexOf(groups.month ?? "") / 3;
  const day = Number(groups.day);
  const [hour = 0, minute = 0, second = 0] = (groups.time ?? "").split(":").map(
    Number,
  );
  if (!Number.isInteger(month) || month < 0) return undefined;
  if (day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) {
    return undefined;
  }
  return Date.UTC(
    fullYear(groups.year ?? ""),
    month,
    day,
    hour,
    minute,
    second,
  );
}

/** Two digits are of the century that keeps them from being far ahead; none is in use any more. */
function fullYear(text: string): number {
  const year = Number(text);
  if (text.length > 2) return year;
  return year < 70 ? 2000 + year : 1900 + year;
}
