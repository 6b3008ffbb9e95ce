/** How long a client tries: three attempts, each with 5 seconds to connect and 15 for an answer. */
export const clientLimits = {
  maxAttempts: 3,
  // Without `throwOnRequestTimeout` the SDK logs that the time is up and waits on. `requestTimeout` ends with the
  // answer's headers, `socketTimeout` covers a body that stops half-way.
  requestHandler: {
    connectionTimeout: 5_000,
    requestTimeout: 15_000,
    throwOnRequestTimeout: true,
    socketTimeout: 15_000,
  },
};

/** Tests use smaller values, to wait less for a service that hangs. */
export type ClientLimits = typeof clientLimits;

/** Where somebody looks at a page and waits: three attempts, each with a second to connect and 2 for an answer. */
export const impatientLimits: ClientLimits = {
  maxAttempts: 3,
  requestHandler: {
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    throwOnRequestTimeout: true,
    socketTimeout: 2_000,
  },
};
