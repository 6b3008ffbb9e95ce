/** What an origin is known by wherever it is remembered or told of: `api.example.com:443`. */
export function originId({ domain, port }: { readonly domain: string; readonly port: number }): string {
  return `${domain.toLowerCase()}:${port}`;
}
