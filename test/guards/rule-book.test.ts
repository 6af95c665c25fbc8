import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { malformedRules, rulesOf, titlesOf } from './rule-book.ts';
import { parseSourceFile, readSourceFiles, repositoryRoot } from './source-file.ts';

const page = readFileSync(join(repositoryRoot, 'docs/rules.md'), 'utf8');
const titles = readSourceFiles('test').flatMap(titlesOf);

describe('[AR11] the rules', () => {
  it('are proven by tests, each of them, and tests prove nothing else', () => {
    const rules = rulesOf(page).map((rule) => rule.id);
    const proven = new Set(titles.flatMap((title) => title.rules));
    expect(rules.length).toBeGreaterThan(10);
    expect({
      rulesWithoutTest: rules.filter((id) => !proven.has(id)),
      testedButNotWritten: [...proven].filter((id) => !rules.includes(id)),
    }).toEqual({ rulesWithoutTest: [], testedButNotWritten: [] });
  });

  it('have a number each, and only one', () => {
    const ids = rulesOf(page).map((rule) => rule.id);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
    expect(malformedRules(page)).toEqual([]);
  });

  it('are named by every test, in its title or above it', () => {
    const benches = readSourceFiles('test/runs/bench').flatMap(titlesOf);
    const measured = new Set(benches.map((title) => title.location));
    const tests = titles.filter((title) => !measured.has(title.location));
    expect(tests.length).toBeGreaterThan(20);
    expect(tests.filter((title) => title.hasNoRule).map((title) => title.location)).toEqual([]);
  });

  it('are all that titles cite: a number of another page would say nothing to their readers', () => {
    expect(titles.filter((title) => title.citesElsewhere).map((title) => title.location)).toEqual([]);
  });
});

describe('[AR11] reading rules and titles', () => {
  const read = (text: string) => titlesOf(parseSourceFile('test/sample.test.ts', text));
  const cited = (text: string) => read(text).flatMap((title) => title.rules);

  it('sees every rule, and the lines that only look like one', () => {
    const sample =
      '- **[ZZ1]** One.\n- **[ZZ12]** Two.\n- [ZZ3] Three.\n- **[Zz4]** Four.\n* **[ZZ5]** Five.\n';
    expect(rulesOf(sample)).toEqual([
      { id: 'ZZ1', sentence: 'One.' },
      { id: 'ZZ12', sentence: 'Two.' },
    ]);
    expect(malformedRules(sample)).toHaveLength(3);
  });

  it('sees titles in all their forms', () => {
    expect(cited("it('[ZZ1] a', f);")).toEqual(['ZZ1']);
    expect(cited("describe('[ZZ1] [ZZ2] a', f);")).toEqual(['ZZ1', 'ZZ2']);
    expect(cited("it.each(rows)('[ZZ1][ZZ2] %s', f);")).toEqual(['ZZ1', 'ZZ2']);
    expect(cited('test.skipIf(root)(`[ZZ1] a $' + '{b}`, f);')).toEqual(['ZZ1']);
    expect(cited("it('a list [ZZ1]', f); call('[ZZ2] a', f); // it('[ZZ3] a', f)")).toEqual([]);
  });

  it('sees a number that is not at the beginning', () => {
    const elsewhere = (text: string) => read(text).filter((title) => title.citesElsewhere).length;
    expect(elsewhere("it('[ZZ1] a (L4)', f); it('[ZZ1] b, page C1, C2', f); it('a [ZZ1]', f);")).toBe(3);
    expect(elsewhere("it('[ZZ1] [ZZ2] a 404 with UTF8 in 8 KB', f);")).toBe(0);
  });

  it('sees a test that proves nothing', () => {
    const nothing = (text: string) => read(text).filter((title) => title.hasNoRule).length;
    expect(nothing("describe('a', () => { it('b', f); });")).toBe(1);
    expect(nothing("describe('a', () => { it('[ZZ1] b', f); });")).toBe(0);
    expect(
      nothing("describe('[ZZ1] a', () => { describe('b', () => { it('c', f); it(name, f); }); });"),
    ).toBe(0);
    expect(nothing("describe('[ZZ1] a', () => {}); it('b', f);")).toBe(1);
    expect(nothing('it(name, f);')).toBe(1);
  });
});
