/** Characters of a name that are kept everywhere: a dashboard's title shows as many. */
const maxNameLength = 150;

/**
 * A cluster's name in one line without control characters, trimmed and cut to 150 characters; null
 * where nothing visible is left.
 */
export function normalizeName(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null;
  const line = text
    .trimStart()
    // A name may have megabytes; a character has two units at most.
    .slice(0, 4 * maxNameLength)
    .replace(/\p{Cs}/gu, '\uFFFD')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    // Marks of text direction would turn what follows the name.
    .replace(/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/g, '')
    .trim();
  if (/^[\p{Z}\p{Cf}]*$/u.test(line)) return null;
  return Array.from(line).slice(0, maxNameLength).join('').trimEnd();
}
