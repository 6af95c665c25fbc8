import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type LogSettings, openLog } from '../../../src/system/process/log.ts';
import { createTempFolder } from '../../support/stores/temp-folder.ts';

async function openFile(settings: Partial<LogSettings> = {}) {
  const target = join(await createTempFolder(), 'logs', 'server.log');
  const { log, flush } = openLog({ level: 'info', format: 'json', ...settings, target });
  return {
    target,
    log,
    /** What is in the file once it holds so many lines: what is being written already a flush does not wait for. */
    written: async (lines = 0) => {
      for (;;) {
        flush();
        const text = await readFile(target, 'utf8');
        if (text.split('\n').length > lines) return text;
      }
    },
  };
}

describe('[PR3] the log', () => {
  it('is JSON lines with time, level and message, from the level on that was asked for', async () => {
    const { log, written } = await openFile({ level: 'warn' });
    log.info('not this');
    log.warn({ port: 3000 }, 'mind the gap');
    const line = JSON.parse(await written());
    expect(line).toEqual({ level: 'warn', time: expect.any(String), port: 3000, msg: 'mind the gap' });
    expect(new Date(line.time).toISOString()).toBe(line.time);
  });

  it('is appended to its file, which is its owner’s alone', async () => {
    const { target, log, written } = await openFile();
    log.info('first');
    await written();
    const again = openLog({ level: 'info', format: 'json', target });
    again.log.info('second');
    again.flush();
    expect((await written()).match(/first|second/g)).toEqual(['first', 'second']);
    expect((await stat(target)).mode & 0o777).toBe(0o600);
  });

  it('[PR90] goes on in a new file when it is opened again after a rename, and loses no line', async () => {
    const target = join(await createTempFolder(), 'server.log');
    const { log, flush, reopen } = openLog({ level: 'info', format: 'json', target });
    log.info('first');
    await rename(target, `${target}.1`);
    log.info('second');
    reopen();
    log.info('third');
    flush();
    await vi.waitFor(async () => expect(await readFile(target, 'utf8')).toMatch(/third/));
    expect((await stat(target)).mode & 0o777).toBe(0o600);
    await vi.waitFor(async () => expect(await readFile(`${target}.1`, 'utf8')).toMatch(/first.*second/s));
    expect(await readFile(`${target}.1`, 'utf8')).not.toContain('third');
  });

  it('[PR90] stays in its file when no new one can be opened, and reopening throws', async () => {
    const folder = await createTempFolder();
    const target = join(folder, 'logs', 'server.log');
    const { log, flush, reopen } = openLog({ level: 'info', format: 'json', target });
    await rename(join(folder, 'logs'), join(folder, 'old'));
    await writeFile(join(folder, 'logs'), '');
    expect(reopen).toThrow('LOG_FILE names');
    log.info('still here');
    flush();
    await vi.waitFor(async () =>
      expect(await readFile(join(folder, 'old', 'server.log'), 'utf8')).toContain('still here'),
    );
  });

  it('tells of an error whole, under whatever name it comes', async () => {
    const { log, written } = await openFile();
    for (const name of ['err', 'error']) log.warn({ [name]: new Error('disk gone') }, 'an error');
    const lines = (await written(2))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const logged = Object.assign({}, ...lines);
    expect([logged.err.message, logged.error.message]).toEqual(['disk gone', 'disk gone']);
  });

  it('cannot be opened where no file can be, and says so', async () => {
    const file = join(await createTempFolder(), 'file');
    await writeFile(file, '');
    const target = join(file, 'server.log');
    expect(() => openLog({ level: 'info', format: 'json', target })).toThrow(`LOG_FILE names ${target}`);
  });
});

describe('[PR4] no line of the log', () => {
  it.each(['json', 'pretty'] as const)(
    'holds a bearer token, wherever it came from, as %s',
    async (format) => {
      const { log, written } = await openFile({ format });
      const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl';
      log.info(
        { deep: { deeper: { header: `Bearer ${token}`, opaque: 'bearer hush-hush' } } },
        `it is ${token}`,
      );
      log.error({ err: new Error(`cannot read ${token}`) }, 'failed');
      const text = await written();
      expect(text).not.toMatch(/eyJ|signature|hush|c2lnb/);
      expect(text.match(/\[secret\]/g)?.length).toBeGreaterThan(3);
    },
  );

  it.each(['json', 'pretty'] as const)('can pretend to be another, as %s', async (format) => {
    const { log, written } = await openFile({ format });
    log.info({ title: 'a\n12:00:00.000 INFO  forged' }, 'b\r\nc\u001b[2J');
    expect((await written()).trimEnd()).not.toMatch(/\p{Cc}/u);
  });
});

describe('[PR5] the log for people', () => {
  it('has the time, the level, the message and what else there is in one line, and stacks below', async () => {
    const { log, written } = await openFile({ format: 'pretty' });
    log.warn({ port: 3000, name: 'two words', list: [1], word: 'one' }, 'mind "the" gap');
    await written(1);
    log.error({ err: new Error('broken') }, 'failed');
    const [first, second, third, ...rest] = (await written(4)).split('\n');
    expect(first).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} WARN {2}mind "the" gap port=3000 name="two words" list=\[1\] word=one$/,
    );
    expect(second).toMatch(/^\S+ ERROR failed$/);
    expect(third).toBe('    Error: broken');
    expect(rest[0]).toMatch(/^ {8}at /);
  });
});
