/** Whether a text is a tag (distribution/reference): ASCII, 128 characters at most. */
export function isTag(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(text);
}
