/** Markup that is known to be safe. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

type HtmlValue = Html | string | number | false | undefined | readonly HtmlValue[];

/** A template of markup: text is escaped, markup and lists of markup are kept, false and undefined are left out. */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlValue[]): Html {
  return new Html(strings.map((text, i) => text + (i < parts.length ? markupOf(parts[i]) : '')).join(''));
}

function markupOf(part: HtmlValue): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Html) return part.markup;
  if (typeof part === 'object') return part.map(markupOf).join('');
  return String(part).replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** The text of a description, `so marked` words as code; only an empty line ends a line. */
export function prose(text = ''): Html {
  const words = text.replaceAll(/(?<!\n)\n(?!\n)/g, ' ').split('`');
  return html`${words.map((word, i) => (i % 2 === 1 ? html`<code>${word}</code>` : word))}`;
}
