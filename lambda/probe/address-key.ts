/** An address and a port as one key. */
export function addressKey(address: string, port: number): string {
  return `${address} ${port}`;
}
