import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createEgress } from '../../core/egress.ts';
import { createCollectionsMonitor } from './adapter.ts';
import {
  type CollectionsMonitorSimulator,
  type SimulatedTenant,
  startCollectionsMonitorSimulator,
} from './simulator.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

function connect(url: string, token?: string) {
  const egress = createEgress({ allowHosts: [new URL(url).host] });
  closing.push(() => egress.close());
  return createCollectionsMonitor({ egress, baseUrl: `${url}/`, token });
}

async function start(tenants: SimulatedTenant[] = [], token?: string): Promise<CollectionsMonitorSimulator> {
  const simulator = await startCollectionsMonitorSimulator({ tenants, ...(token ? { token } : {}) });
  closing.push(() => simulator.close());
  return simulator;
}

const spellings = ['(555) 123-0001', '+15551230001', '15551230001', '5551230001'];
const soon = () => AbortSignal.timeout(20_000);

describe('Collections Monitor', () => {
  it('is asked with one spelling after the other until one is known', async () => {
    const simulator = await start([{ id: 't-1', name: 'Ada', phone: '15551230001' }]);
    const directory = connect(simulator.url);
    expect(await directory.find(spellings, soon())).toEqual({ entryId: 't-1', displayName: 'Ada' });
    expect(simulator.asked).toEqual(spellings.slice(0, 3));
  });

  it('says that nobody has the number when no spelling is known', async () => {
    const simulator = await start();
    expect(await connect(simulator.url).find(spellings, soon())).toBeNull();
    expect(simulator.asked).toEqual(spellings);
  });

  it('gets its token', async () => {
    const simulator = await start([{ id: 't-1', phone: '+15551230001' }], 'sesame');
    expect(await connect(simulator.url, 'sesame').find(['+15551230001'], soon())).toEqual({ entryId: 't-1' });
    await expect(connect(simulator.url).find(['+15551230001'], soon())).rejects.toMatchObject({
      code: 'http_401',
    });
  });

  it('is tried again after failures that pass, and not after others', async () => {
    const simulator = await start([{ id: 't-1', phone: '+15551230001' }]);
    const directory = connect(simulator.url);
    simulator.fail('http_503', 2);
    simulator.fail('reset', 1);
    expect(await directory.find(['+15551230001'], soon())).toEqual({ entryId: 't-1' });
    simulator.fail('nonsense', 1);
    await expect(directory.find(['+15551230001'], soon())).rejects.toMatchObject({ code: 'nonsense' });
  });

  it('is left alone for a while when it keeps failing', async () => {
    const simulator = await start();
    const directory = connect(simulator.url);
    simulator.fail('http_500', 1000);
    for (let round = 0; round < 2; round += 1) {
      await expect(directory.find(['+15551230001'], soon())).rejects.toMatchObject({ code: 'http_500' });
    }
    await expect(directory.find(['+15551230001'], soon())).rejects.toMatchObject({ code: 'circuit_open' });
  });

  it('is given up after three seconds without an answer', async () => {
    const simulator = await start();
    simulator.fail('hang', 1);
    await expect(connect(simulator.url).check(soon())).rejects.toMatchObject({ code: 'unanswered' });
  });
});

const fixture = z.array(
  z.object({ case: z.string(), status: z.number(), body: z.unknown(), entry: z.unknown() }),
);

it('understands every answer of the contract', async () => {
  const fixtures = fixture.parse(
    JSON.parse(await readFile(new URL('fixtures/tenants.json', import.meta.url), 'utf8')),
  );
  let current = fixtures[0];
  const server: Server = createServer((_request, response) => {
    response.writeHead(current?.status ?? 500, { 'content-type': 'application/json' });
    response.end(JSON.stringify(current?.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  const directory = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  for (current of fixtures) {
    expect({ case: current?.case, entry: await directory.find(['+15551230001'], soon()) }).toEqual({
      case: current?.case,
      entry: current?.entry,
    });
  }
});
