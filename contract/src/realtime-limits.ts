// Times, sizes and codes of the realtime socket, apart from its frames: clients need them without a schema library.

/** How often both sides let the other hear from them; silence of twice as long is a dead connection. */
export const heartbeatMs = 15_000;

/**
 * How long a client waits before it comes back: a random share of `firstMsMax · growth ^ failures`, `msMax` at most. Slow
 * enough growth that a process that is back after some seconds has everybody back after some more.
 */
export const comeBack = { firstMsMax: 500, growth: 1.5, msMax: 10_000 } as const;

/** A longer frame of a client closes the connection (1009). */
export const clientFrameBytesMax = 4096;

/** Why the server closed: codes of RFC 6455's private range. 1001 (it stops) and all others mean: come back. */
export const closeCodes = {
  /** Sign in again. */
  unauthenticated: 4401,
  /** The role or the workspace no longer allows it. */
  forbidden: 4403,
  /** A frame could not be read. */
  malformed: 4400,
  /** The client reads too slowly: come back, and go on from what was read. */
  overrun: 4408,
  /** Too many frames, or too many sockets of one user or key: come back later. */
  excess: 4429,
} as const;
