import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadSigningSecret } from '../../../src/system/credentials/signing-secret.ts';
import { createTempFolder } from '../../support/stores/temp-folder.ts';

async function openFolder() {
  const folder = join(await createTempFolder(), 'auth');
  const warnings: string[] = [];
  const load = async (given: { secret?: string; file?: string } = {}) => {
    const source = { secret: given.secret, file: given.file, folder };
    return (await loadSigningSecret(source, (message) => warnings.push(message))).export().toString();
  };
  const modeOf = async (name: string) => ((await stat(join(folder, name))).mode & 0o777).toString(8);
  return { folder, warnings, load, modeOf };
}

describe('[AU7] the secret', () => {
  it('is made on the first start, of 32 random bytes, and stays the same', async () => {
    const { folder, load, warnings } = await openFolder();
    const made = await load();
    expect(Buffer.from(made, 'base64url')).toHaveLength(32);
    expect(await load()).toBe(made);
    expect(await readdir(folder)).toEqual(['secret']);
    expect(await (await openFolder()).load()).not.toBe(made);
    expect(warnings).toEqual([]);
  });

  it('is its owner’s alone, whatever the umask', async () => {
    const before = process.umask(0);
    try {
      const { load, modeOf } = await openFolder();
      await load();
      expect([await modeOf('.'), await modeOf('secret')]).toEqual(['700', '600']);
    } finally {
      process.umask(before);
    }
  });

  it('is closed to others when it was open to them, and that is said', async () => {
    const { folder, load, modeOf, warnings } = await openFolder();
    const made = await load();
    await chmod(join(folder, 'secret'), 0o644);
    await chmod(folder, 0o755);
    expect(await load()).toBe(made);
    expect([await modeOf('.'), await modeOf('secret')]).toEqual(['700', '600']);
    expect(warnings).toHaveLength(2);
  });

  it('may be given, itself or in a file, and then none is made', async () => {
    const { folder, load } = await openFolder();
    const given = 'x'.repeat(32);
    const file = join(await createTempFolder(), 'given');
    await writeFile(file, `${given}\r\n`);
    expect([await load({ secret: given }), await load({ file })]).toEqual([given, given]);
    await expect(readdir(folder)).rejects.toThrow('ENOENT');
  });

  it('that cannot be used is refused with a sentence that does not show it', async () => {
    const { folder, load } = await openFolder();
    const file = join(await createTempFolder(), 'given');
    await expect(load({ file })).rejects.toThrow(`AUTH_SECRET_FILE names ${file}, which does not exist.`);
    await writeFile(file, `${'ä'.repeat(15)}\n`);
    await expect(load({ file })).rejects.toThrow(`AUTH_SECRET_FILE, ${file}, holds 30 bytes`);
    await expect(load({ file: folder.slice(0, -5) })).rejects.toThrow('cannot be read');
    await mkdir(folder);
    await writeFile(join(folder, 'secret'), 'short');
    await expect(load()).rejects.toThrow(/secret holds 5 bytes/);
    expect(await readFile(join(folder, 'secret'), 'utf8')).toBe('short');
  });
});
