// Uploads files to the server's API, and tells how much of one has gone out.
import { type ApiPath, answerOf, callHeaders } from './api.ts';

export interface UploadOptions {
  /** Told how much has gone out, from 0 to 1. */
  readonly onProgress: (share: number) => void;
  /** Stops it. */
  readonly signal: AbortSignal;
}

export interface Uploaded<Result> {
  readonly result: Result;
  /** False: the server had it already. */
  readonly isNew: boolean;
}

/** Sends a file in a form. Fails as `uploadBytes` does. */
export function upload<Result>(path: ApiPath, file: File, options: UploadOptions): Promise<Uploaded<Result>> {
  const form = new FormData();
  form.append('file', file);
  return uploadBody(path, form, options);
}

/**
 * Sends a file's bytes alone.
 * @throws ApiError, NetworkError, or the signal's own reason when the caller gave up
 */
export const uploadBytes = <Result>(path: ApiPath, file: File, options: UploadOptions) =>
  uploadBody<Result>(path, file, options);

const uploadBody = <Result>(path: ApiPath, body: FormData | File, options: UploadOptions) =>
  answerOf(
    post(path, body, options),
    options.signal,
    async (response): Promise<Uploaded<Result>> => ({
      result: await response.json(),
      isNew: response.status === 201,
    }),
  );

/** As fetch does, which does not tell how much has gone out. */
function post(
  path: ApiPath,
  body: FormData | File,
  { onProgress, signal }: UploadOptions,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    for (const [name, value] of Object.entries(callHeaders())) request.setRequestHeader(name, value);
    if (body instanceof File) request.setRequestHeader('content-type', 'application/octet-stream');
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => resolve(responseOf(request));
    request.onerror = () => reject(new TypeError('the connection was lost'));
    signal.addEventListener('abort', () => {
      request.abort();
      reject(signal.reason);
    });
    request.send(body);
  });
}

function responseOf(request: XMLHttpRequest): Response {
  const { status, responseText } = request;
  const headers = ['retry-after', 'x-request-id'].flatMap((name): [string, string][] => {
    const value = request.getResponseHeader(name);
    return value === null ? [] : [[name, value]];
  });
  return new Response(responseText, { status, headers });
}
