import { describe, expect, it } from 'vitest';
import { type Command, CommandError, command } from '../../src/cli/command/command.ts';
import { runCommand } from '../../src/cli/run-command.ts';
import { ConfigError } from '../../src/config/config.ts';
import { StartError } from '../../src/domain/start-error.ts';
import { readVersion } from '../../src/system/process/version.ts';

const told: unknown[] = [];

function commandThat(name: string, run: () => Promise<number> = async () => 0): Command {
  return command({
    name,
    sentence: `Does ${name}.`,
    operands: name === 'token revoke' ? ['ID'] : [],
    flags: {
      json: { type: 'boolean', sentence: 'Answers in JSON.' },
      lifetime: { type: 'string', value: '30d', sentence: 'How long.' },
    },
    run: ({ flags, operands }) => {
      told.push([name, { ...flags }, operands]);
      return run();
    },
  });
}

const fail = (error: unknown) => commandThat('fail', () => Promise.reject(error));
const commands = ['serve', 'token create', 'token revoke'].map((name) => commandThat(name));

async function run(args: string, table: readonly Command[] = commands) {
  told.length = 0;
  const said = { out: '', err: '' };
  const code = await runCommand(args.split(' ').filter(Boolean), table, {
    environment: () => ({}),
    cwd: '/',
    home: '/',
    isTerminal: false,
    writeChunk: async () => {},
    input: (async function* () {})(),
    print: (text) => {
      said.out += text;
    },
    printDiagnostic: (text) => {
      said.err += text;
    },
  });
  return { code, ...said, told: [...told] };
}

describe('[PR10] the command line', () => {
  it.each([
    ['', 'serve', {}, []],
    ['--json', 'serve', { json: true }, []],
    ['serve --lifetime 3d', 'serve', { lifetime: '3d' }, []],
    ['token create --lifetime=3d --json', 'token create', { lifetime: '3d', json: true }, []],
    ['token revoke tok_1', 'token revoke', {}, ['tok_1']],
    ['token revoke -- -odd', 'token revoke', {}, ['-odd']],
  ])('"%s" is understood', async (args, name, flags, operands) => {
    expect(await run(args)).toMatchObject({ code: 0, told: [[name, flags, operands]] });
  });

  it.each([
    ['tokne create', 'There is no command "tokne"; did you mean "token create"?'],
    ['serv', 'There is no command "serv"; did you mean "serve"?'],
    ['dance', 'There is no command "dance".'],
    ['token', '"token" needs one of: token create, token revoke.'],
    ['token craete', 'There is no command "token craete"; did you mean "token create"?'],
    ['--jsn', 'There is no flag --jsn; did you mean --json?'],
    ['token create --colour', 'There is no flag --colour.'],
    ['--lifetime', "Option '--lifetime <value>' argument missing."],
    ['--json=yes', "Option '--json' does not take an argument."],
    ['serve now', '"now" is more than it takes.'],
    ['token revoke', 'ID is missing.'],
  ])('"%s" is answered with what is wrong, and exit code 2', async (args, sentence) => {
    const { code, out, err, told } = await run(args);
    expect({ code, out, err, told }).toEqual({
      code: 2,
      out: '',
      err: `${sentence} See "maestro-server help".\n`,
      told: [],
    });
  });

  it.each([
    [new ConfigError(['PORT is "x".']), 2, 'These settings cannot be used:\n  PORT is "x".\n'],
    [new StartError('Port 3000 is in use.'), 1, 'Port 3000 is in use.\n'],
    [new CommandError('No server answers.'), 1, 'No server answers.\n'],
  ])('a command that fails says so in one sentence: %s', async (error, code, err) => {
    expect(await run('fail', [fail(error)])).toMatchObject({ code, err, out: '' });
  });

  it('an unexpected error is reported with its stack', async () => {
    const { code, err } = await run('fail', [fail(new TypeError('broken'))]);
    expect([code, err.split('\n')[0]]).toEqual([1, 'TypeError: broken']);
    expect(err).toContain('run-command.test.ts');
  });
});

describe('[PR11] the help', () => {
  it.each(['help', '--help', '-h'])('%s tells every command in one screen', async (args) => {
    const { code, out } = await run(args);
    expect(code).toBe(0);
    for (const { name, sentence } of commands)
      expect(out).toMatch(new RegExp(`maestro-server ${name} .*${sentence}`));
    expect(out.split('\n').length).toBeLessThan(25);
  });

  it.each(['help token revoke', 'token revoke --help', 'token revoke -h'])(
    '%s shows the flags',
    async (args) => {
      const { code, out, told } = await run(args);
      expect([code, told]).toEqual([0, []]);
      expect(out).toMatch(/^maestro-server token revoke ID \[flags\]\n/);
      expect(out).toContain('  --json            Answers in JSON.\n  --lifetime <30d>  How long.\n');
    },
  );

  it.each(['help token', 'token --help', 'token -h'])('%s tells all of its kind', async (args) => {
    const { code, out, told } = await run(args);
    expect([code, told]).toEqual([0, []]);
    expect(out).toMatch(/^maestro-server token create [\s\S]*\n\nmaestro-server token revoke ID /);
  });

  it('of an unknown command is a fault', async () => {
    expect(await run('help dance')).toMatchObject({ code: 2, out: '' });
  });

  it.each(['--version', '-v'])('%s tells the version', async (args) => {
    expect(await run(args)).toMatchObject({ code: 0, out: `${readVersion()}\n` });
  });
});
