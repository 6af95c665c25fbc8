import { removeControlCharacters } from '../../domain/values/text.ts';

/** What became of a task that the agent took. */
export type TaskOutcome = 'completed' | 'failed' | 'skipped' | 'stopped';

/** What an agent reports of its work, as `--json` prints it: one object for each line, with `at` in epoch milliseconds. */
export type AgentReport =
  | {
      readonly event: 'task_started';
      readonly sessionId: string;
      readonly taskId: string;
      readonly title: string;
    }
  | {
      readonly event: 'task_ended';
      readonly sessionId: string;
      readonly taskId: string;
      readonly title: string;
      readonly outcome: TaskOutcome;
      readonly reason?: string | undefined;
      readonly durationMs: number;
    }
  | { readonly event: 'question_answered'; readonly sessionId: string; readonly answer: string }
  | {
      readonly event: 'session_ended';
      readonly sessionId: string;
      readonly status: string;
      readonly result?: SessionResult | undefined;
      readonly reason?: string | undefined;
    }
  | { readonly event: 'session_left'; readonly sessionId: string; readonly reason: string };

/** How many tasks of a session came to what, as the server counts them. */
export interface SessionResult {
  readonly completed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly left: number;
}

/** The report as a line for people. */
export function formatReport(report: AgentReport): string {
  switch (report.event) {
    case 'task_started':
      return line(`Started ${report.taskId}: ${report.title}`);
    case 'task_ended': {
      const seconds = (report.durationMs / 1000).toFixed(1);
      return line(`${capital(report.outcome)} ${report.taskId} after ${seconds} s`, report.reason);
    }
    case 'question_answered':
      return line(`The question of session ${report.sessionId} was answered`, report.answer);
    case 'session_ended': {
      const { completed, failed, skipped, left } = report.result ?? {};
      const counts =
        report.result && `${completed} completed, ${failed} failed, ${skipped} skipped, ${left} left`;
      return line(`Session ${report.sessionId} is ${report.status}`, report.reason ?? counts);
    }
    case 'session_left':
      return line(`Session ${report.sessionId} is left`, report.reason);
  }
}

/** One line, whatever is in the texts. */
function line(text: string, reason?: string): string {
  const whole = reason === undefined ? text : `${text}: ${reason}`;
  return `${removeControlCharacters(whole).replace(/\s+/g, ' ')}\n`;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
