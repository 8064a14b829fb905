import { afterEach, expect, test, vi } from 'vitest';
import { takeUploads } from '../../test/training-data.ts';
import { ApiError, NetworkError, onSignedOut } from './api.ts';
import { upload, uploadBytes } from './upload.ts';

afterEach(() => vi.unstubAllGlobals());

const file = new File(['soup'], 'menu.txt');

/** One that is under way: what is sent, how much of it was told to be, and what becomes of it. */
function start(send: typeof upload = upload) {
  const sent = takeUploads();
  const told: number[] = [];
  const controller = new AbortController();
  const options = { onProgress: (share: number) => told.push(share), signal: controller.signal };
  const outcome = send<{ id: string }>('/api/v1/things', file, options).catch((reason: unknown) => reason);
  return { outcome, told, sent: sent[0], stop: (reason: Error) => controller.abort(reason) };
}

test('an upload tells how much has gone out, and what the server made of it', async () => {
  for (const [send, status, isNew] of [
    [upload, 201, true],
    [uploadBytes, 200, false],
  ] as const) {
    const { outcome, sent, told } = start(send);
    expect(sent).toMatchObject({ name: 'menu.txt', path: '/api/v1/things' });
    sent?.progress(1, 4);
    sent?.progress(4, 4);
    sent?.answer(status, { id: 'menu' });
    expect(await outcome).toEqual({ result: { id: 'menu' }, isNew });
    expect(told).toEqual([0.25, 1]);
  }
});

test('an upload is refused as every call is, and one of somebody who is not signed in any more is told', async () => {
  let signedOut = 0;
  const stop = onSignedOut(() => {
    signedOut += 1;
  });
  for (const status of [415, 401]) {
    const { outcome, sent } = start();
    sent?.answer(status, { error: { code: 'file_type_not_read', message: 'Not of this kind.' } });
    const failed = await outcome;
    expect(failed).toBeInstanceOf(ApiError);
    expect(failed).toMatchObject({ status, code: 'file_type_not_read', message: 'Not of this kind.' });
  }
  expect(signedOut).toBe(1);
  stop();
});

test('an upload whose connection is lost is no refusal, and one that is stopped is aborted with the reason', async () => {
  const lost = start();
  lost.sent?.loseConnection();
  expect(await lost.outcome).toBeInstanceOf(NetworkError);
  const stopped = start();
  const reason = new Error('another file was chosen');
  stopped.stop(reason);
  expect(await stopped.outcome).toBe(reason);
  expect(stopped.sent?.isAborted()).toBe(true);
});
