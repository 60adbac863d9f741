/** The projection worker: `serveProjection` bound to this worker's own messages. */
import type { FromProjector, ToProjector } from './projection.ts';
import { serveProjection } from './projection-server.ts';

type Scope = {
  postMessage(message: FromProjector, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToProjector>) => void) | null;
};
const scope = self as unknown as Scope;
scope.onmessage = ({ data }) => serveProjection(data, (message, transfer) => scope.postMessage(message, transfer));
