import { describe, expect, it } from 'vitest';
import {
  type TaskSessionStatus,
  type TaskStatus,
  taskSessionStatusSchema,
  taskStatusSchema,
} from '../../../src/domain/work/task.ts';
import { statusAfterReport, type WorkReport } from '../../../src/domain/work/task-status-rule.ts';

const statuses = taskStatusSchema.options;
const reports = taskSessionStatusSchema.options;

/** What a report of the session that began the work makes of a task in the status of a row; `-` leaves it. */
const afterWork: Readonly<Record<TaskStatus, Readonly<Record<TaskSessionStatus, TaskStatus | '-'>>>> = {
  todo: { queued: '-', working: 'in_progress', blocked: '-', completed: '-', failed: '-', skipped: '-' },
  in_progress: {
    queued: 'todo',
    working: '-',
    blocked: 'blocked',
    completed: 'completed',
    failed: 'todo',
    skipped: 'todo',
  },
  blocked: { queued: '-', working: 'in_progress', blocked: '-', completed: '-', failed: '-', skipped: '-' },
  in_review: { queued: '-', working: '-', blocked: '-', completed: '-', failed: '-', skipped: '-' },
  completed: { queued: '-', working: '-', blocked: '-', completed: '-', failed: '-', skipped: '-' },
  cancelled: { queued: '-', working: '-', blocked: '-', completed: '-', failed: '-', skipped: '-' },
  archived: { queued: '-', working: '-', blocked: '-', completed: '-', failed: '-', skipped: '-' },
};

const after = (report: Partial<WorkReport> & Pick<WorkReport, 'status' | 'progress'>) =>
  statusAfterReport({
    before: report.progress === 'working' ? undefined : 'working',
    isWorkedElsewhere: false,
    needsReview: false,
    isFinal: false,
    ...report,
  });

describe.each(statuses)('[TK16] a task that is %s', (status) => {
  it.each(reports)('after a report of %s', (progress) => {
    const expected = afterWork[status][progress];
    expect(after({ status, progress })).toBe(expected === '-' ? status : expected);
  });

  it.each(reports)('stays when %s is reported again', (progress) => {
    expect(after({ status, progress, before: progress })).toBe(status);
  });
});

describe('[TK16] the status of a task', () => {
  it('is in_review after work that is reviewed, and blocked after a failure that nobody tries again', () => {
    expect(after({ status: 'in_progress', progress: 'completed', needsReview: true })).toBe('in_review');
    expect(after({ status: 'in_progress', progress: 'failed', isFinal: true })).toBe('blocked');
  });

  it.each(['todo', 'blocked'] as const)('is completed from %s by who reports the end alone', (status) => {
    for (const before of [undefined, 'queued', 'failed'] as const) {
      expect(after({ status, progress: 'completed', before })).toBe('completed');
    }
  });

  it('stays in_progress while another session works at the task', () => {
    for (const progress of reports) {
      expect(after({ status: 'in_progress', progress, isWorkedElsewhere: true })).toBe('in_progress');
    }
  });

  it('stays as it is when a session that only queued the task gives it up', () => {
    for (const progress of ['skipped', 'queued'] as const) {
      expect(after({ status: 'in_progress', progress, before: undefined })).toBe('in_progress');
    }
  });
});
