import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runInFolder } from './run-in-folder.ts';

/** What a check found about one thing. */
interface ReportedResult {
  readonly check: string;
  readonly status: string;
  readonly sentence: string;
}

/** Runs `check` over a data folder, and gives what it answers in JSON. */
export async function runCheck(dataDir: string, ...args: string[]) {
  const { code, out, err } = await runInFolder(dataDir, ['check', '--json', ...args]);
  const { findings, faults } = JSON.parse(out || '{"findings":[]}');
  return { code, err, faults, findings: findings as readonly ReportedResult[] };
}

/** The findings of one status as texts. */
export function formatResults(findings: readonly ReportedResult[], status: string): string[] {
  return findings.filter((one) => one.status === status).map((one) => `${one.check}: ${one.sentence}`);
}

/** Changes the text of a file. */
export async function editFile(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(path, change(await readFile(path, 'utf8')));
}

/** The path of the one file in a folder. */
export async function findOnlyFile(folder: string): Promise<string> {
  const [name = ''] = await readdir(folder);
  return join(folder, name);
}
