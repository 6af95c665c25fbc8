import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingNames } from '../src/config/settings.ts';
import { issueSchema, readIssue } from '../src/domain/issue.ts';
import { taskPrioritySchema } from '../src/domain/task.ts';
import { top } from './architecture/source-file.ts';
import { tempFolder } from './support/temp-folder.ts';
import { copyProgram, normalised, runSteps, stepsOf } from './support/tour.ts';

const page = await readFile(join(top, 'README.md'), 'utf8');

describe('the README', () => {
  it('[RD1] shows a tour of under 15 commands, and what they answer', { timeout: 180_000 }, async () => {
    const steps = stepsOf(page);
    expect(steps.length).toBeGreaterThan(5);
    expect(steps.length).toBeLessThan(15);
    const [folder, home] = [await tempFolder(), await tempFolder()];
    await copyProgram(folder);
    const outputs = normalised(
      await runSteps(
        steps.map((step) => step.command),
        { folder, home },
      ),
    );
    const shown = normalised(steps.map((step) => step.output));
    expect(steps.map(({ command }, i) => [command, outputs[i]])).toEqual(
      steps.map(({ command }, i) => [command, shown[i]]),
    );
  });

  it('[RD2] explains settings that there are', () => {
    const named = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name);
    expect(named.length).toBeGreaterThan(9);
    expect(named.filter((name) => !settingNames.some((setting) => setting === name))).toEqual([]);
  });
});

describe('the backlog to try', () => {
  it('[RD3] has issues of every status and priority, all of them understood', async () => {
    const text = await readFile(join(top, 'docs/examples/backlog.jsonl'), 'utf8');
    const issues = text
      .trim()
      .split('\n')
      .map((line) => issueSchema.parse(JSON.parse(line)));
    const statuses = ['blocked', 'closed', 'deferred', 'hooked', 'in_progress', 'open', 'tombstone'];
    expect([...new Set(issues.map((issue) => issue.status))].sort()).toEqual(statuses);
    const read = issues.map(readIssue);
    expect(read.flatMap(({ remarks }) => remarks)).toEqual([]);
    expect(new Set(read.map(({ item }) => item.priority))).toEqual(new Set(taskPrioritySchema.options));
    const ids = new Set(issues.map((issue) => issue.id));
    expect(ids.size).toBe(issues.length);
    const ends = read.flatMap(({ links }) => [links.parents, links.dependencies, links.references].flat());
    expect(ends.length).toBeGreaterThan(20);
    expect(ends.filter((id) => !ids.has(id))).toEqual([]);
  });
});
