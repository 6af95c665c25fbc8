import { type CheckResult, checkResultsOf } from '../../application/integrity/check-result.ts';
import { checkEventIntegrity } from '../../application/integrity/event-integrity.ts';
import { checkLogIntegrity } from '../../application/integrity/log-integrity.ts';
import { checkReferenceIntegrity } from '../../application/integrity/reference-integrity.ts';
import type { Reader } from '../../application/store/store.ts';
import { type Config, readConfig } from '../../config/config.ts';
import { StartError } from '../../domain/start-error.ts';
import { createNodeFileSystem } from '../../storage/json/disk/node-file-system.ts';
import {
  type InspectOptions,
  inspectDisk,
  inspectFiles,
  inspectLock,
} from '../../storage/json/offline/inspect-folder.ts';
import { checkpointStore, truncateStore } from '../../storage/json/offline/repair-folder.ts';
import { serverUrlFile } from '../../system/machine/data-folder.ts';
import { assertPortFree } from '../../system/machine/free-port.ts';
import { pathsOpenToOthers } from '../../system/machine/open-permissions.ts';
import { readTextFile, removeOthersPermissions } from '../../system/machine/private-file.ts';
import { type CommandContext, CommandError, command, UsageError } from '../command/command.ts';
import { withFlags } from '../command/setting-flags.ts';
import { applyDataFolderEdits } from './apply-external-edits.ts';

/** Looks whether a data folder and what is around it are well. */
export const checkCommand = command({
  name: 'check',
  sentence: 'Tells whether the data folder and what is around it are well; the exit code is 1 when not.',
  flags: {
    'data-dir': { type: 'string', value: 'DATA_DIR', sentence: 'The data folder.' },
    verify: {
      type: 'boolean',
      sentence:
        'Looks into everything stored too: checksums, logs, references, and events against what they made.',
    },
    fix: {
      type: 'boolean',
      sentence:
        'Does first what is safe: takes permissions from others, tidies up, and brings files up to date.',
    },
    repair: {
      type: 'boolean',
      sentence: 'Cuts a damaged journal, with --truncate-after; the folder is copied before.',
    },
    'truncate-after': { type: 'string', value: 'TX', sentence: 'The last transaction that is kept.' },
    'accept-edits': {
      type: 'boolean',
      sentence: 'Takes in what was edited by hand while no server used the files.',
    },
    json: { type: 'boolean', sentence: 'Answers in JSON.' },
  },
  async run({ flags }, surroundings) {
    const config = readFolderConfig(flags['data-dir'], surroundings);
    const tx = parseTruncation(flags.repair === true, flags['truncate-after']);
    const found: CheckResult[] = [];
    if (tx !== undefined) found.push(await repair(config, tx));
    if (flags['accept-edits'] === true) {
      found.push({ check: 'edits', status: 'ok', sentence: await applyDataFolderEdits(config) });
    }
    if (flags.fix === true) found.push(...(await fix(config)));
    found.push(...(await inspectFolder(config, flags.verify === true || tx !== undefined)));
    const faults = found.filter(({ status }) => status === 'fault').length;
    if (flags.json) surroundings.print(`${JSON.stringify({ faults, findings: found })}\n`);
    else for (const finding of found) surroundings.print(formatResult(finding));
    return faults === 0 ? 0 : 1;
  },
});

function readFolderConfig(dataDir: string | undefined, { environment, cwd, home }: CommandContext): Config {
  const config = readConfig(withFlags(environment(), { 'data-dir': dataDir }), cwd, home);
  if (config.DATABASE_TYPE !== 'postgres') return config;
  throw new CommandError(
    'check looks into data folders, and everything is in PostgreSQL here, whose own tools are pg_amcheck and pg_dump; to have it verified, restore a backup into a folder and check that. See docs/backup.md.',
  );
}

function parseTruncation(repair: boolean, after: string | undefined): number | undefined {
  if (!repair && after === undefined) return undefined;
  if (!repair || after === undefined) throw new UsageError('--repair and --truncate-after go together.');
  if (!/^[0-9]{1,15}$/.test(after))
    throw new UsageError(`--truncate-after is "${after}": it must be a number.`);
  return Number(after);
}

const toInspectOptions = ({ DATA_DIR, STORE_ALLOW_NETWORK_FS }: Config): InspectOptions => ({
  files: createNodeFileSystem(),
  dataDir: DATA_DIR,
  allowNetwork: STORE_ALLOW_NETWORK_FS,
  now: Date.now(),
});

async function repair(config: Config, tx: number): Promise<CheckResult> {
  const { files, dataDir, allowNetwork } = toInspectOptions(config);
  const copy = await truncateStore({ files, dataDir, allowNetwork }, tx);
  const sentence = `The history ends with transaction ${tx} now, and every stream has a new epoch; ${copy} is as it was.`;
  return { check: 'repair', status: 'ok', sentence };
}

async function fix(config: Config): Promise<readonly CheckResult[]> {
  const { files, dataDir, allowNetwork } = toInspectOptions(config);
  if (files.stat(dataDir) === undefined) return [];
  const found: CheckResult[] = [];
  const check = 'fix';
  for (const path of pathsOpenToOthers(dataDir)) {
    await removeOthersPermissions(path);
    found.push({ check, status: 'ok', sentence: `${path} is for its owner alone now.` });
  }
  try {
    await checkpointStore({ files, dataDir, allowNetwork });
    await files.remove(serverUrlFile(dataDir));
    found.push({ check, status: 'ok', sentence: 'The files are up to date, and nothing else is left.' });
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    found.push({ check, status: 'fault', sentence: error.message });
  }
  return found;
}

async function inspectFolder(config: Config, verify: boolean): Promise<readonly CheckResult[]> {
  const { DATA_DIR, HOST, PORT } = config;
  const options = toInspectOptions(config);
  if (options.files.stat(DATA_DIR) === undefined) {
    return [{ check: 'files', status: 'ok', sentence: `There is no ${DATA_DIR} yet; a start makes it.` }];
  }
  const { inUse, ...lock } = inspectLock(options);
  if (inUse && verify) throw new CommandError(`${lock.sentence} Stop that to verify, or verify a backup.`);
  return [
    ...(await checkResultsOf(
      'permissions',
      'The folder is for its owner alone.',
      describeOpenPaths(DATA_DIR),
    )),
    lock,
    await inspectDisk(options),
    ...(inUse ? [skippedWhileInUse] : await inspectFiles(options, verify ? verifyStore : undefined)),
    inUse ? await checkServerReady(DATA_DIR) : await checkPort(HOST, PORT),
  ];
}

const skippedWhileInUse: CheckResult = {
  check: 'files',
  status: 'skipped',
  sentence: 'They change while they are in use; the server looked at them when it started.',
};

function* describeOpenPaths(dataDir: string): Generator<string> {
  for (const path of pathsOpenToOthers(dataDir)) yield `${path} is open to others; --fix closes it.`;
}

async function verifyStore(reader: Reader): Promise<readonly CheckResult[]> {
  return [
    ...(await checkResultsOf(
      'logs',
      'Every entry is one, and every content is where it belongs.',
      checkLogIntegrity(reader),
    )),
    ...(await checkResultsOf(
      'references',
      'Everything that is mentioned is there.',
      checkReferenceIntegrity(reader),
    )),
    ...(await checkResultsOf('events', 'The events end in what is stored.', checkEventIntegrity(reader))),
  ];
}

async function checkServerReady(dataDir: string): Promise<CheckResult> {
  const check = 'port';
  const url = await readTextFile(serverUrlFile(dataDir));
  if (url === undefined) {
    return { check, status: 'skipped', sentence: 'Who uses the folder does not say at which URL it serves.' };
  }
  const answer = await fetch(`${url}/ready`).catch(() => undefined);
  if (answer?.ok) return { check, status: 'ok', sentence: `The server is ready at ${url}.` };
  const what = answer === undefined ? 'Nothing answers' : `The server answers ${answer.status}`;
  return { check, status: 'fault', sentence: `${what} at ${url}; see its log.` };
}

async function checkPort(host: string, number: number): Promise<CheckResult> {
  const check = 'port';
  try {
    await assertPortFree(host, number);
    return { check, status: 'ok', sentence: `A server can listen on port ${number} of ${host}.` };
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return { check, status: 'fault', sentence: error.message };
  }
}

function formatResult({ check, status, sentence }: CheckResult): string {
  return `${status.padEnd(7)}  ${check.padEnd(11)}  ${sentence}\n`;
}
