// One server for sockets, told by its first argument which: `bridge` is ours, `bare` a broadcast of the package ws,
// `rooms` Socket.IO. It publishes when its parent says so and tells what that cost.
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server as SocketIo } from 'socket.io';
import { WebSocketServer as BareServer } from 'ws';
import { createActorStoreFactory } from '../../../dist/application/access/actor-store.js';
import { EventBus } from '../../../dist/application/events/event-bus.js';
import { defaultSocketLimits } from '../../../dist/realtime/socket/socket-limits.js';
import { WebSocketBridge } from '../../../dist/realtime/websocket-bridge.js';
import { WebSocketServer } from '../../../dist/realtime/websocket-server.js';
import { createNodeFileSystem } from '../../../dist/storage/json/disk/node-file-system.js';
import { openJsonStore } from '../../../dist/storage/json/open-json-store.js';

const projects = Array.from({ length: 50 }, (_, i) => `proj_${i}`);
const data = (n) => ({
  id: 'task_bench',
  projectId: projects[0],
  title: `${n}`.padStart(8, '0'),
  description: 'x'.repeat(700),
  status: 'todo',
  version: 1,
  sentAt: performance.timeOrigin + performance.now(),
});
const envelope = (n) => ({
  type: 'task:updated',
  event: 'task:updated',
  data: data(n),
  timestamp: 0,
  stream: 'project:proj_0',
  position: `epoch:${n}`,
  channels: ['project:proj_0', 'task:task_bench'],
});

const servers = {
  async bridge(server) {
    const dataDir = await mkdtemp(join(tmpdir(), 'fan-out-'));
    const store = await openJsonStore({ dataDir, files: createNodeFileSystem() });
    process.on('disconnect', () => rmSync(dataDir, { recursive: true, force: true }));
    const bus = new EventBus((fault) => {
      throw fault;
    });
    await store.transaction('bench', async (tx) => {
      await tx.lock('workspace');
      for (const id of projects) {
        await tx.lock(`project:${id}`);
        const project = {
          id,
          name: id,
          workingDir: '',
          description: '',
          createdAt: 1,
          updatedAt: 1,
          version: 1,
        };
        await tx.projects.insert(project);
        tx.emit('project:created', { ...project, projectId: id });
      }
    });
    // A member of all of these: every delivery looks the project up.
    const actor = { id: 'bench', role: 'member', projects: new Set(projects) };
    const needs = {
      store,
      open: createActorStoreFactory(store),
      bus,
      authenticator: { verify: async () => actor },
      log: { info: () => {}, error: (details) => process.stderr.write(`${details.err}\n`) },
      limits: { ...defaultSocketLimits, connectionsPerSubject: 10_000 },
      now: Date.now,
    };
    const bridge = new WebSocketBridge(needs);
    const sockets = new WebSocketServer({
      ...needs,
      bridge,
      tickets: undefined,
      assertHost: () => {},
      assertOrigin: () => {},
      addressOf: () => '',
      rejectUpgrade: (socket) => socket.destroy(),
      isReady: () => true,
    });
    server.on('upgrade', sockets.upgrade);
    setInterval(() => bridge.tick(), 1000);
    const seqs = new Map();
    return (n, project = projects[0]) => {
      const seq = (seqs.get(project) ?? 1) + 1;
      seqs.set(project, seq);
      const name = 'task:updated';
      const record = { stream: `project:${project}`, seq, name, timestamp: 0, actor: 'bench' };
      bus.publish([{ ...record, data: { ...data(n), projectId: project } }]);
    };
  },
  bare(server) {
    const sockets = new BareServer({ server });
    // What no server can do without.
    const hear = () => {};
    sockets.on('connection', (socket) => socket.on('message', hear).on('close', hear).on('error', hear));
    return (n) => {
      const bytes = Buffer.from(JSON.stringify(envelope(n)));
      for (const socket of sockets.clients) socket.send(bytes, { binary: false });
    };
  },
  rooms(server) {
    const io = new SocketIo(server, { transports: ['websocket'], serveClient: false });
    io.on('connection', (socket) => socket.join('project:proj_0'));
    return (n) => io.to('project:proj_0').emit('event', envelope(n));
  },
};

const server = createServer((_, res) => res.end());
const publish = await servers[process.argv[2]](server);
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

const operations = {
  async publish({ count, spread = false, everyMs = 0 }) {
    for (let n = 0; n < count; n++) {
      publish(n, spread ? projects[n % projects.length] : projects[0]);
      await new Promise((resolve) => (everyMs === 0 ? setImmediate(resolve) : setTimeout(resolve, everyMs)));
    }
  },
  cpu() {
    const { user, system } = process.cpuUsage();
    return { cpu: user + system };
  },
  async memory() {
    for (let i = 0; i < 3; i++) {
      globalThis.gc();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return {
      rss: process.memoryUsage.rss(),
      heap: process.memoryUsage().heapUsed + process.memoryUsage().external,
    };
  },
};
process.on('message', async ({ op, ...rest }) => process.send({ op, ...(await operations[op](rest)) }));
process.on('disconnect', () => process.exit());
