import { expect, it } from 'vitest';
import { AppError, type ErrorCode, errorCodes } from '../../src/domain/errors.ts';
import { errorStatus } from '../../src/http/boundary/error-status.ts';
import { expectRetryAfter } from '../support/retry-after.ts';
import { startFakeServer, startProxyServer } from '../support/servers/start-proxy-server.ts';
import { openTestSocket } from '../support/servers/test-socket.ts';

it('[HT83] an error of the proxy says when to come back if that helps, over HTTP and in a rejected upgrade', async () => {
  const { url } = await startFakeServer(() => {});
  let code: ErrorCode = 'NOT_READY';
  const proxy = await startProxyServer(url, () => Promise.reject(new AppError(code, 'Rejected.')));
  for (code of errorCodes) {
    const answer = await fetch(`${proxy}/api/tasks`);
    expect([answer.status, await answer.json()]).toMatchObject([errorStatus[code], { code }]);
    expectRetryAfter(code, answer.headers.get('retry-after') ?? undefined);
    const rejection = await openTestSocket(proxy.replace('http', 'ws')).catch((error: unknown) => error);
    expect(rejection).toMatchObject({ status: errorStatus[code], body: { code } });
    expectRetryAfter(code, (rejection as { headers: Record<string, string> }).headers['retry-after']);
  }
});
