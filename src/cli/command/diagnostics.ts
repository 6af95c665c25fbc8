import type { CommandContext } from './command.ts';

interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Goes back to the beginning of the line and clears it. */
const clearLine = '\r\u001B[K';

/** What is said beside the output of a command: lines that stay, and on a terminal one line of progress below them. */
export function createDiagnostics(output: Output): Pick<CommandContext, 'printDiagnostic' | 'showProgress'> {
  if (!output.isTTY) return { printDiagnostic: (text) => void output.write(text) };
  let isShown = false;
  return {
    printDiagnostic(text) {
      output.write(isShown ? `${clearLine}${text}` : text);
      isShown = false;
    },
    showProgress(text) {
      if (text === '' && !isShown) return;
      output.write(`${clearLine}${text}`);
      isShown = text !== '';
    },
  };
}
