import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { runsHere } from '../../scripts/i386-program.ts';

const BINARY = fileURLToPath(new URL('transact', import.meta.url));
const PORT = 47211;

describe.runIf(runsHere(BINARY))('transact', () => {
  const children: ChildProcess[] = [];
  let web: Server | undefined;

  // A server's port is free only when it has gone: the next test waits for that.
  afterEach(async () => {
    await Promise.all(children.splice(0).map(stop));
    web?.close();
  });

  async function stop(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  function start(...args: string[]): ChildProcess {
    const child = spawn(BINARY, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    return child;
  }

  /** A connection to the server, which may still be starting: a client reports when it has got through. */
  async function connected(): Promise<Socket> {
    const client = start('client', '127.0.0.1', String(PORT), String(await startWeb(200)));
    await reportsUntil(client, ({ seq }) => seq > 0);
    const socket = connect(PORT, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  }

  async function startWeb(status: number): Promise<number> {
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/cgi-bin/work' ? status : 404;
      response.end('x'.repeat(5000));
    });
    web = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  type Report = Record<string, number>;

  /** The reports of a client, one a second, until one of them is what the test waits for; that one comes last. */
  async function reportsUntil(client: ChildProcess, enough: (report: Report) => boolean): Promise<Report[]> {
    const reports: Report[] = [];
    let text = '';
    for await (const chunk of client.stdout!) {
      text += chunk;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        const line = text.slice(0, end);
        text = text.slice(end + 1);
        expect(line).toMatch(/^client /);
        const pairs = line.split(' ').slice(1);
        reports.push(Object.fromEntries(pairs.map((pair) => [pair.split('=')[0], Number(pair.split('=')[1])])));
        if (enough(reports[reports.length - 1])) return reports;
      }
    }
    throw new Error(`the client ended after: ${JSON.stringify(reports)}`);
  }

  test('exchanges numbers and fetches pages, and reports', async () => {
    start('serve', String(PORT));
    const client = start('client', '127.0.0.1', String(PORT), String(await startWeb(200)));
    const reports = await reportsUntil(client, ({ seq, http }) => seq > 30 && http > 0);
    const figures = reports[reports.length - 1];
    expect(figures).toMatchObject({ httperr: 0, resets: 0 });
    expect(figures.tcp).toBeGreaterThan(0);
    expect(figures.tcp50).toBeLessThanOrEqual(figures.tcp95);
    expect(figures.tcp95).toBeLessThanOrEqual(figures.tcpmax);
  });

  test('a lost connection and failed fetches are counted; the sequence goes on', async () => {
    const server = start('serve', String(PORT));
    const client = start('client', '127.0.0.1', String(PORT), String(await startWeb(500)));
    let before = 0;
    const reports = await reportsUntil(client, ({ seq, resets }) => {
      if (seq > 0 && before === 0) {
        before = seq;
        void stop(server).then(() => start('serve', String(PORT)));
      }
      return resets > 0 && seq > before;
    });
    const figures = reports[reports.length - 1];
    expect(figures.http).toBe(0);
    expect(figures.httperr).toBeGreaterThan(0);
    expect(figures.seq).toBeGreaterThan(before);
  });

  test('a number out of sequence is refused', async () => {
    start('serve', String(PORT));
    const socket = await connected();
    const answers: string[] = [];
    for (const question of ['7\n', '8\n', '10\n']) {
      socket.write(question);
      answers.push(await new Promise((resolve) => socket.once('data', (data) => resolve(String(data)))));
    }
    socket.destroy();
    expect(answers).toEqual(['8\n', '9\n', 'expected 9\n']);
  });
});
