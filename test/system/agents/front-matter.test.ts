import { describe, expect, it } from 'vitest';
import { parseFrontMatter } from '../../../src/system/agents/front-matter.ts';

const withHeader = (yaml: string) => `---\n${yaml}\n---\nText.\n`;
const headerOf = (yaml: string) => parseFrontMatter(withHeader(yaml)).header;

describe('[SK4] the front matter of a skill', () => {
  it.each([
    ['---\na: b\n---', { header: { a: 'b' }, body: '' }],
    ['---\r\na: b\r\n---\r\n\r\nText.\r\n', { header: { a: 'b' }, body: 'Text.\r\n' }],
    ['\uFEFF---\na: b\n--- \nText.\n---\nMore.', { header: { a: 'b' }, body: 'Text.\n---\nMore.' }],
    ['---\na: |\n  ----\n---\nText.', { header: { a: '----\n' }, body: 'Text.' }],
  ])('of %j is split from its text', (text, expected) => {
    expect(parseFrontMatter(text)).toEqual(expected);
  });

  it.each(['', '---', '---\na: b', 'Text.\n---\na: b\n---\n', '----\na: b\n---\n'])(
    'is missing in %j',
    (text) => {
      expect(() => parseFrontMatter(text)).toThrow('it does not begin with front matter');
    },
  );

  it('gives every scalar as the text that it is', () => {
    const yaml =
      'version: 1.10\nname: yes\nmade: 2024-01-01\nnothing:\ntags: [1, null]\nodd: !!js/function x';
    expect(headerOf(yaml)).toEqual({
      version: '1.10',
      name: 'yes',
      made: '2024-01-01',
      nothing: '',
      tags: ['1', 'null'],
      odd: 'x',
    });
  });

  it('makes no prototype of a key', () => {
    const header = headerOf('__proto__: { polluted: yes }');
    expect(Object.getPrototypeOf(header)).toBe(Object.prototype);
    expect(header).not.toHaveProperty('polluted');
  });

  it.each([
    ['a reference', 'a: &x [1]\nb: *x', /Alias resolution is disabled/],
    ['a key twice', 'a: 1\na: 2', /Map keys must be unique/],
    ['what is no YAML', 'a: [b', /not YAML that this server accepts/],
    ['two documents', 'a: 1\n...\nb: 2', /more than one document/],
    ['lists in lists', '['.repeat(10_000), /nests deeper than 32 levels/],
    ['maps in maps', '{a: '.repeat(4000), /nests deeper than 32 levels/],
    ['a line of dashes', '- '.repeat(8000), /nests deeper than 32 levels/],
    ['stairs', Array.from({ length: 150 }, (_, i) => `${' '.repeat(i)}-`).join('\n'), /nests deeper/],
    ['too much', `a: ${'b'.repeat(17_000)}`, /longer than 16384 characters/],
  ])('refuses %s', (_, yaml, message) => {
    expect(() => headerOf(yaml)).toThrow(message);
  });
});
