// The models that ship with Parley lie beside the code that reads them.
import { readFile } from 'node:fs/promises';

/**
 * Reads a model's file at the first call, and keeps it. What failed is tried again at the next one.
 * @throws ModelFileError, and what reading a file throws
 */
export function shippedModel<Model>(file: URL, read: (bytes: Uint8Array) => Model): () => Promise<Model> {
  let loading: Promise<Model> | null = null;
  return () => {
    loading ??= readFile(file)
      .then((bytes) => read(new Uint8Array(bytes)))
      .catch((error) => {
        loading = null;
        throw error;
      });
    return loading;
  };
}
