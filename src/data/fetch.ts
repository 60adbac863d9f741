import { MissingData, type ReadFile } from './dataset.ts';

/**
 * Reads the prepared data from `baseUrl` (the address of `public/data/`), in a page, a worker or Node.
 * Throws `MissingData` when a file is not there (404, or the page that a single-page server sends instead) or when
 * the server cannot be reached; the message says what to do.
 */
export const readData =
  (baseUrl: string): ReadFile =>
  async (name) => {
    const url = `${baseUrl.replace(/\/*$/, '')}/${name}`;
    let response: Response;
    let bytes: Uint8Array;
    try {
      response = await fetch(url);
      bytes = new Uint8Array(await response.arrayBuffer());
    } catch {
      throw new MissingData(
        `The server did not answer when asked for ${url}. Check that it is running and that you are online, then reload`,
      );
    }
    const html = response.headers.get('content-type')?.startsWith('text/html') ?? false;
    if (response.status === 404 || (response.ok && html))
      throw new MissingData(`The data file ${name} is not there. Run \`npm run data\`, then reload`);
    if (!response.ok)
      throw new MissingData(`The server answered ${response.status} when asked for ${url}. Reload; if it stays, run \`npm start\` again`);
    return bytes;
  };
