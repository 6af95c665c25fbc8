import { describe, expect, it } from 'vitest';
import { createDiagnostics } from '../../../src/cli/command/diagnostics.ts';
import { Progress } from '../../../src/cli/command/progress.ts';

describe('[BL41] progress', () => {
  it('has a rate and an end in sight, and is shown a few times a second', () => {
    const shown: string[] = [];
    let now = 0;
    const progress = new Progress({ showProgress: (text) => shown.push(text) }, () => now);
    progress.start('Importing', 12_000, 'issues');
    for (let i = 0; i < 8; i++) {
      now += 250;
      progress.advance(500);
      progress.advance(0);
    }
    progress.end();
    expect(shown[0]).toBe('Importing: 0 of 12,000 issues (0 %)');
    expect(shown.at(-2)).toBe('Importing: 4,000 of 12,000 issues (33 %), 2,000 a second, 4 s left');
    expect(shown.at(-1)).toBe('');
    expect(shown).toHaveLength(10);
  });

  it('is a line on a terminal that makes room for others, and nothing elsewhere', () => {
    const write = (isTTY: boolean) => {
      let written = '';
      const { printDiagnostic, showProgress } = createDiagnostics({
        isTTY,
        write: (text) => {
          written += text;
        },
      });
      showProgress?.('half');
      printDiagnostic('line 1: no issue\n');
      showProgress?.('all');
      showProgress?.('');
      showProgress?.('');
      return written;
    };
    expect(write(false)).toBe('line 1: no issue\n');
    const clear = '\r\u001B[K';
    expect(write(true)).toBe(`${clear}half${clear}line 1: no issue\n${clear}all${clear}`);
  });
});
