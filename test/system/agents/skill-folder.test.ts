import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SkillFolder } from '../../../src/system/agents/skill-folder.ts';
import { createTempFolder } from '../../support/stores/temp-folder.ts';

const text = (header: string, body = 'Do it.\n') => `---\n${header}\n---\n${body}`;

/** A folder of skills in a folder of its own, so that there is an outside. */
async function openFolder() {
  const outside = await createTempFolder();
  const folder = join(outside, 'skills');
  await mkdir(folder);
  const warnings: string[] = [];
  const skills = new SkillFolder(folder, ({ name, reason }) => warnings.push(`${name}: ${reason}`));
  return {
    outside,
    folder,
    skills,
    warnings,
    async write(name: string, content: string, file = 'SKILL.md') {
      await mkdir(join(folder, name), { recursive: true });
      await writeFile(join(folder, name, file), content);
    },
    ids: async () => (await skills.list()).skills.map(({ id }) => id),
    skipped: async () => (await skills.list()).skipped,
  };
}

describe('the folder of skills', () => {
  it('[SK1] holds a skill in each folder that has a SKILL.md or skill.md, in the order of their names', async () => {
    const { folder, skills, write } = await openFolder();
    await write('zeta', text('name: The last'));
    await write(
      'alpha',
      text('description: Lower case\ntriggers: now\ntags: [a, b]\nrole: worker'),
      'skill.md',
    );
    await write('both', text('name: Upper'));
    await write('both', text('name: Lower'), 'skill.md');
    await write('.hidden', text('name: Hidden'));
    await mkdir(join(folder, 'no-skill'));
    await writeFile(join(folder, 'README.md'), 'Not a folder.');
    const usual = { version: '1.0.0', content: 'Do it.\n', hasReferences: false, referenceCount: 0 };
    const found = {
      id: 'alpha',
      name: 'alpha',
      description: 'Lower case',
      triggers: ['now'],
      tags: ['a', 'b'],
    };
    expect(await skills.list()).toEqual({
      skills: [
        { ...usual, ...found, role: 'worker' },
        { ...usual, id: 'both', name: 'Upper', description: '' },
        { ...usual, id: 'zeta', name: 'The last', description: '' },
      ],
      skipped: [],
    });
  });

  it('[SK2] shows each file as it is now, whatever happened to it', async () => {
    const { outside, folder, skills, write, ids } = await openFolder();
    await write('one', text('name: Old'));
    const name = async () => (await skills.list()).skills[0]?.name;
    expect(await name()).toBe('Old');
    await write('one', text('name: New'));
    expect(await name()).toBe('New');
    const at = new Date(1_700_000_000_000);
    await utimes(join(folder, 'one', 'SKILL.md'), at, at);
    await write('one', text('name: Two'));
    await utimes(join(folder, 'one', 'SKILL.md'), at, at);
    expect(await name()).toBe('Two');
    await writeFile(join(outside, 'other'), text('name: Six'));
    await utimes(join(outside, 'other'), at, at);
    await rename(join(outside, 'other'), join(folder, 'one', 'SKILL.md'));
    expect(await name()).toBe('Six');
    expect(await skills.find('one')).toMatchObject({ name: 'Six' });
    await write('two', text('name: Second'));
    expect(await ids()).toEqual(['one', 'two']);
    await rm(join(folder, 'one'), { recursive: true });
    expect(await ids()).toEqual(['two']);
    expect(await skills.find('one')).toBeUndefined();
  });

  it('[SK3] is never left: no id and no link reads what lies outside of it', async () => {
    const { outside, folder, skills, write, skipped } = await openFolder();
    const secret = join(outside, 'secret');
    await mkdir(secret);
    await writeFile(join(secret, 'SKILL.md'), text('name: Secret'));
    await write('inside', text('name: Inside'));
    await symlink(secret, join(folder, 'folder-link'));
    await mkdir(join(folder, 'file-link'));
    await symlink(join(secret, 'SKILL.md'), join(folder, 'file-link', 'SKILL.md'));
    await symlink(folder, join(folder, 'itself'));
    await symlink(join(outside, 'nothing'), join(folder, 'nowhere'));
    await symlink(join(folder, 'inside'), join(folder, 'alias'));
    const { skills: found } = await skills.list();
    expect(found.map(({ id, name }) => [id, name])).toEqual([
      ['alias', 'Inside'],
      ['inside', 'Inside'],
    ]);
    expect(await skipped()).toEqual([
      { name: 'file-link', reason: 'its file is a link to outside the folder of skills' },
      { name: 'folder-link', reason: 'it is a link to outside the folder of skills' },
      { name: 'itself', reason: 'it is a link to outside the folder of skills' },
      { name: 'nowhere', reason: 'it is a link that does not lead to a skill' },
    ]);
    for (const id of ['../secret', '..', '.', '', 'inside/../../secret', `${folder}/inside`, '__proto__']) {
      expect(await skills.find(id)).toBeUndefined();
    }
    expect(await skills.find('folder-link')).not.toHaveProperty('content');
    // What was fine before it moved out is not remembered.
    await rename(join(folder, 'inside'), join(outside, 'inside'));
    await symlink(join(outside, 'inside'), join(folder, 'inside'));
    expect(await skills.find('inside')).toEqual({
      name: 'inside',
      reason: 'it is a link to outside the folder of skills',
    });
  });

  it('[SK5] names what looks like a skill and cannot be read, and warns of it once', async () => {
    const { outside, folder, skills, write, warnings, skipped } = await openFolder();
    await write('bare', 'No front matter.');
    await write('big', text('name: Big', 'x'.repeat(300_000)));
    await write('caf\u00e9', text('name: A folder of a name that is no id'));
    await write('list', text('- a'));
    await write('map', text('name: { a: b }'));
    await mkdir(join(folder, 'folder', 'SKILL.md'), { recursive: true });
    await mkdir(join(folder, 'pipe'));
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(folder, 'pipe', 'SKILL.md')]);
    const reasons = new Map((await skipped()).map(({ name, reason }) => [name, reason]));
    expect([...reasons.keys()]).toEqual(['bare', 'big', 'caf\u00e9', 'folder', 'list', 'map', 'pipe']);
    expect(reasons.get('bare')).toMatch(/front matter/);
    expect(reasons.get('big')).toMatch(/larger than 262144 bytes/);
    expect(reasons.get('caf\u00e9')).toMatch(/name of its folder/);
    expect(reasons.get('folder')).toMatch(/not a regular file/);
    expect(reasons.get('map')).toMatch(/^name: /);
    expect(JSON.stringify([...reasons])).not.toContain(outside);
    await skills.list();
    expect(warnings).toHaveLength(7);
    await write('bare', text('name: [a]'));
    expect(await skipped()).toHaveLength(7);
    expect(warnings).toHaveLength(8);
  });

  it('[SK6] that is missing or closed is no empty one', async () => {
    const { folder, skills, warnings, skipped } = await openFolder();
    expect(await skipped()).toEqual([]);
    await rm(folder, { recursive: true });
    expect(await skills.list()).toEqual({
      skills: [],
      skipped: [{ name: '*', reason: 'it does not exist' }],
    });
    expect(await skills.find('one')).toEqual({ name: 'one', reason: 'it does not exist' });
    await writeFile(folder, 'A file.');
    expect(await skipped()).toEqual([{ name: '*', reason: 'it cannot be read (ENOTDIR)' }]);
    expect(warnings).toEqual(['*: it does not exist', '*: it cannot be read (ENOTDIR)']);
  });

  it.skipIf(process.getuid?.() === 0)('[SK5] a skill that only others may read is one of them', async () => {
    const { folder, write, skipped } = await openFolder();
    await write('closed', text('name: Closed'));
    await chmod(join(folder, 'closed', 'SKILL.md'), 0o000);
    expect(await skipped()).toEqual([{ name: 'closed', reason: 'it cannot be read (EACCES)' }]);
  });
});
