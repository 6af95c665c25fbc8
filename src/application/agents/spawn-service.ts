import { streamOfProject } from '../../domain/channel.ts';
import { AppError } from '../../domain/errors.ts';
import { newId } from '../../domain/values/id.ts';
import { omitUndefined } from '../../domain/values/immutable.ts';
import type { Session, SessionView } from '../../domain/work/session.ts';
import type { ActorStoreFactory } from '../access/actor-store.ts';
import type { Call } from '../access/call.ts';
import { sha256Of } from '../access/sha256.ts';
import type { SignToken } from '../access/token-service.ts';
import type { HostInfo } from '../work/session-service.ts';
import { createSessionQueue, linkTask } from '../work/task-session-links.ts';
import { runUnit, type UnitOfWork } from '../work/unit-of-work.ts';
import type { ManifestFolder, ManifestGenerator } from './manifest-ports.ts';
import {
  type AgentEnvironment,
  environmentOf,
  newSessionToken,
  notAfter,
  type TokenPolicy,
} from './session-token.ts';
import { findDuplicate, type StoredSpawn } from './spawn-duplicate.ts';
import { planSpawn, type SpawnInput, type SpawnPlan } from './spawn-plan.ts';

/** What a spawn answers: the session, and all that its agent is started with. */
export interface SpawnResult extends StoredSpawn {
  readonly success: true;
  readonly message: string;
  readonly env: AgentEnvironment;
}

/** What spawning needs from outside. */
export interface SpawnDependencies {
  readonly open: ActorStoreFactory;
  readonly host: HostInfo;
  readonly signToken: SignToken;
  readonly manifestGenerator: ManifestGenerator;
  readonly manifestFolder: ManifestFolder;
  readonly tokenPolicy: TokenPolicy;
  /** Where agents find the server and its folders, by the names of their variables. */
  readonly serverEnvironment: AgentEnvironment;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Spawns sessions. */
export class SpawnService {
  readonly #dependencies: SpawnDependencies;

  constructor(dependencies: SpawnDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * A new session that waits for its agent. Everything is checked and its manifest is written before anything is
   * created. A retry gets the first answer again: one with its Idempotency-Key, or with an equal body within 30 seconds
   * while the first still waits. Throws what planSpawn and the manifests throw.
   */
  async spawn(call: Call, input: SpawnInput): Promise<SpawnResult> {
    const { open, now, manifestGenerator, manifestFolder } = this.#dependencies;
    const earlier = await open(call).findEarlierResult<StoredSpawn>(now());
    if (earlier !== undefined) {
      call.outcome.replayed = true;
      return this.#withSignedToken(call, earlier.value);
    }
    const request = await sha256Of(JSON.stringify(input));
    const found = await open(call).read(async (reader) => {
      const duplicate = await findDuplicate(reader, call, input.projectId, request, now());
      return duplicate === undefined ? { plan: await planSpawn(reader, call, input) } : { duplicate };
    });
    if (found.duplicate !== undefined) return this.#withSignedToken(call, found.duplicate);
    const sessionId = newId('sess', now());
    const manifest = await manifestGenerator.generate({
      ...input,
      ...found.plan,
      sessionId,
      sessionName: found.plan.name,
    });
    const manifestPath = await manifestFolder.write(sessionId, manifest);
    let created: StoredSpawn | undefined;
    try {
      created = await this.#create(call, input, { sessionId, manifestPath, request });
    } finally {
      if (created?.sessionId !== sessionId) await manifestFolder.remove(sessionId);
    }
    return this.#withSignedToken(call, created);
  }

  /** Creates it in one commit, unless a retry has done so meanwhile. */
  #create(
    call: Call,
    input: SpawnInput,
    fresh: { readonly sessionId: string; readonly manifestPath: string; readonly request: string },
  ): Promise<StoredSpawn> {
    return runUnit(this.#dependencies.open(call), async (unit) => {
      await unit.tx.lock(streamOfProject(input.projectId));
      const duplicate = await findDuplicate(unit.tx, call, input.projectId, fresh.request, unit.now);
      if (duplicate !== undefined) return duplicate;
      const plan = await planSpawn(unit.tx, call, input);
      const until = notAfter(call, plan.parent);
      const token = newSessionToken(
        call,
        fresh.sessionId,
        plan.project.id,
        until,
        unit.now,
        this.#dependencies.tokenPolicy,
      );
      const session = this.#newSession(call, input, plan, {
        ...fresh,
        tokenId: token.id,
        until,
        now: unit.now,
      });
      unit.putSession(session);
      await unit.addTimelineEntry(session.id, {
        type: 'session_started',
        message: `Spawned: ${session.name}`,
      });
      for (const task of plan.tasks) await linkTask(unit, session.id, task.id);
      if (session.strategy === 'queue') await createSessionQueue(unit, await unit.session(session.id));
      const view = await unit.saveAndViewSession(session.id);
      emitSpawn(unit, input, view);
      await unit.tx.lock('workspace');
      await unit.tx.tokens.insert(token);
      return { sessionId: session.id, manifestPath: fresh.manifestPath, session: view };
    });
  }

  #newSession(
    call: Call,
    input: SpawnInput,
    { project, parent, name }: SpawnPlan,
    known: {
      readonly sessionId: string;
      readonly manifestPath: string;
      readonly request: string;
      readonly tokenId: string;
      readonly until: number | undefined;
      readonly now: number;
    },
  ): Session {
    const { skills, spawnSource, role, strategy, orchestratorStrategy, context } = input;
    const { sessionId, manifestPath, request, tokenId, until, now } = known;
    const { host, serverEnvironment, tokenPolicy } = this.#dependencies;
    return {
      id: sessionId,
      projectId: project.id,
      taskIds: [],
      name,
      env: {
        MAESTRO_SESSION_ID: sessionId,
        MAESTRO_MANIFEST_PATH: manifestPath,
        MAESTRO_STRATEGY: strategy,
        ...serverEnvironment,
      },
      strategy,
      status: 'spawning',
      startedAt: now,
      lastActivity: now,
      completedAt: null,
      ...host,
      metadata: omitUndefined({
        skills,
        spawnedBy: parent?.id ?? null,
        spawnSource,
        role,
        strategy,
        orchestratorStrategy: role === 'orchestrator' ? (orchestratorStrategy ?? 'default') : undefined,
        context,
      }),
      launch: omitUndefined({
        role,
        command: `maestro ${role} init`,
        cwd: project.workingDir,
        manifestPath,
        parentSessionId: parent?.id ?? null,
        createdBy: call.actor.id,
        creatorTokenId: call.actor.tokenId,
        until,
        tokenId,
        graceMs: tokenPolicy.graceMs,
        request,
      }),
      version: 1,
    };
  }

  /** Signs the token of the session anew: it is kept nowhere. */
  async #withSignedToken(call: Call, created: StoredSpawn): Promise<SpawnResult> {
    const { sessionId, session } = created;
    const record = await this.#dependencies
      .open(call)
      .read((reader) => reader.tokens.get(session.launch?.tokenId ?? ''));
    if (record === undefined) {
      throw new AppError('CONFLICT', `Session ${sessionId} was spawned before, and its token is gone.`);
    }
    return {
      success: true,
      ...created,
      message: `Spawned ${session.name}; it waits for its agent.`,
      env: environmentOf(session, this.#dependencies.signToken(record)),
    };
  }
}

function emitSpawn(unit: UnitOfWork, { spawnSource }: SpawnInput, session: SessionView): void {
  const { id: sessionId, projectId, taskIds, launch, env: envVars } = session;
  if (launch === undefined) return;
  const { command, cwd, manifestPath, parentSessionId } = launch;
  unit.tx.emit('session:spawn', {
    session,
    sessionId,
    projectId,
    taskIds,
    command,
    cwd,
    envVars,
    manifestPath,
    spawnSource,
    parentSessionId,
    _isSpawnCreated: true,
  });
}
