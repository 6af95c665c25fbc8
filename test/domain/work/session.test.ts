import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/domain/errors.ts';
import { checkLiveness, type LivenessAction } from '../../../src/domain/work/liveness.ts';
import {
  changeSession,
  finalTaskSessionStatus,
  isTerminalStatus,
  markActive,
  type Session,
  type SessionStatus,
  sessionResult,
  sessionStatusSchema,
  sessionTransitions,
  transitionSession,
} from '../../../src/domain/work/session.ts';
import { type TaskSessionStatus, taskSessionStatusSchema } from '../../../src/domain/work/task.ts';
import { samples } from '../../support/samples/samples.ts';

const now = 9_000;
const statuses = sessionStatusSchema.options;

/** A session that asks for a person, was marked stale, and ended at 2 if its status is one of an end. */
function sessionIn(status: SessionStatus): Session {
  const completedAt = isTerminalStatus(status) ? 2 : null;
  const needsInput = { active: true, message: 'Which star?', since: 1 };
  return {
    ...samples.sessions(),
    status,
    startedAt: 0,
    lastActivity: 1,
    completedAt,
    needsInput,
    stale: { since: 1 },
  };
}

const goesOn = {};
const ends = { completedAt: now, needsInput: { active: false } };
/** A session that goes on has no end. */
const resumes = { completedAt: null };

/** What a session in the status of a row becomes when it is set to the status of a column. */
const transitions: Readonly<
  Record<SessionStatus, Readonly<Record<SessionStatus, Partial<Session> | 'unchanged' | 'refused'>>>
> = {
  spawning: {
    spawning: 'unchanged',
    idle: goesOn,
    working: goesOn,
    completed: ends,
    failed: ends,
    stopped: ends,
  },
  idle: {
    spawning: 'refused',
    idle: 'unchanged',
    working: goesOn,
    completed: ends,
    failed: ends,
    stopped: ends,
  },
  working: {
    spawning: 'refused',
    idle: goesOn,
    working: 'unchanged',
    completed: ends,
    failed: ends,
    stopped: ends,
  },
  completed: {
    spawning: 'refused',
    idle: resumes,
    working: resumes,
    completed: 'unchanged',
    failed: 'refused',
    // Dashboards send it when they close the terminal of finished work.
    stopped: 'unchanged',
  },
  failed: {
    spawning: 'refused',
    idle: resumes,
    working: resumes,
    completed: 'refused',
    failed: 'unchanged',
    stopped: 'refused',
  },
  stopped: {
    spawning: 'refused',
    idle: resumes,
    working: resumes,
    // Within the grace time it may still say what it came to.
    completed: ends,
    failed: ends,
    stopped: 'unchanged',
  },
};

/** What becomes of a silent session: the time of its silence is up, it waits for nobody and is not stale. */
const silences: Readonly<Record<SessionStatus, LivenessAction['kind'] | undefined>> = {
  spawning: 'fail',
  idle: undefined,
  working: 'mark stale',
  completed: undefined,
  failed: undefined,
  stopped: undefined,
};

/** Whether it is a report that counts for the grace time only. */
const isLate = (from: SessionStatus, to: SessionStatus) =>
  from === 'stopped' && (to === 'completed' || to === 'failed');

describe.each(statuses)('a session that is %s', (from) => {
  const session = sessionIn(from);
  const { stale: _, ...active } = session;

  it.each(statuses)('[SE3] [SE4] set to %s', (to) => {
    const expected = transitions[from][to];
    const step = () => transitionSession(session, to, now);
    if (expected === 'refused') {
      const allowed = sessionTransitions[from];
      expect([...allowed].sort()).toEqual(
        statuses
          .filter((status) => typeof transitions[from][status] === 'object' && !isLate(from, status))
          .sort(),
      );
      expect(step).toThrow(
        expect.objectContaining({ code: 'INVALID_TRANSITION', details: { from, to, allowed } }),
      );
    } else if (expected === 'unchanged') {
      expect(step()).toBe(session);
    } else {
      expect(step()).toEqual({ ...active, status: to, lastActivity: now, ...expected });
    }
  });

  it('[LV4] loses the mark of silence with any change or sign of life, and by nothing else', () => {
    expect(markActive(session, now)).toEqual({ ...active, lastActivity: now });
    expect(changeSession(session, { name: 'New' }, now)).toEqual({
      ...active,
      name: 'New',
      lastActivity: now,
    });
    expect(changeSession(session, { name: session.name }, now)).toBe(session);
  });

  it('[LV1] [LV4] is judged once its time of silence is up', () => {
    const timeouts = { startMs: 100, staleMs: 200 };
    const silent: Session = { ...active, startedAt: 1000, lastActivity: 900, needsInput: undefined };
    const kindAt = (at: number, changes: Partial<Session> = {}) =>
      checkLiveness({ ...silent, ...changes }, at, timeouts)?.kind;
    expect(kindAt(1099)).toBeUndefined();
    expect(kindAt(1100)).toBe(silences[from]);
    if (silences[from] === 'mark stale') {
      expect(kindAt(1100, { stale: { since: 1100 } })).toBeUndefined();
      expect(kindAt(1100, { needsInput: { active: true } })).toBeUndefined();
    }
  });
});

/** What the end of a row makes of the progress of a column. */
const progressAtEnd: Readonly<
  Record<string, Readonly<Record<TaskSessionStatus, TaskSessionStatus | undefined>>>
> = {
  completed: {
    queued: 'completed',
    working: 'completed',
    blocked: 'completed',
    completed: undefined,
    failed: undefined,
    skipped: undefined,
  },
  failed: {
    queued: 'failed',
    working: 'failed',
    blocked: 'failed',
    completed: undefined,
    failed: undefined,
    skipped: undefined,
  },
  stopped: {
    queued: 'failed',
    working: 'failed',
    blocked: 'failed',
    completed: undefined,
    failed: undefined,
    skipped: undefined,
  },
};

describe.each(statuses.filter(isTerminalStatus))('a session that ends as %s', (end) => {
  it('[SE4] ends the progress that is still open', () => {
    const ended = Object.fromEntries(
      taskSessionStatusSchema.options.map((progress) => [progress, finalTaskSessionStatus(end, progress)]),
    );
    expect(ended).toStrictEqual(progressAtEnd[end]);
    expect(finalTaskSessionStatus(end, undefined)).toBeUndefined();
  });
});

describe('a stopped session', () => {
  const stopped: Session = { ...sessionIn('stopped'), completedAt: now };

  it('[SE11] may report what it came to for a minute, or for as long as its launch says if that is shorter', () => {
    expect(transitionSession(stopped, 'completed', now + 60_000).status).toBe('completed');
    expect(() => transitionSession(stopped, 'completed', now + 60_001)).toThrow(AppError);
    const launch = { graceMs: 5 } as NonNullable<Session['launch']>;
    expect(transitionSession({ ...stopped, launch }, 'failed', now + 5).status).toBe('failed');
    expect(() => transitionSession({ ...stopped, launch }, 'failed', now + 6)).toThrow(AppError);
  });

  it('[SE12] says how many of its tasks came to what', () => {
    expect(sessionResult(['completed', 'completed', 'failed', 'skipped', 'working', undefined])).toEqual({
      completed: 2,
      failed: 1,
      skipped: 1,
      left: 2,
    });
  });
});
