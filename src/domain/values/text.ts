/** Control characters but tab, line feed and carriage return; they end strings, move cursors and break files. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that it looks for
const controlCharacters = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

const visibleCharacter = /[^\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u;

/**
 * What is wrong with a text that people are to read, as the end of a sentence; undefined when nothing is. A blank text is
 * fine here: whether one may be blank is said by its field.
 */
export function findTextFault(text: string): string | undefined {
  const [control] = text.match(controlCharacters) ?? [];
  if (control !== undefined) {
    const code = control.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    return `must not have control characters other than tabs and line breaks; it has U+${code}`;
  }
  if (text.trim() === '' || visibleCharacter.test(text)) return undefined;
  return 'must not consist of invisible characters alone';
}

/** The text without its control characters, except tabs and line breaks. */
export function removeControlCharacters(text: string): string {
  return text.replace(controlCharacters, '');
}
