import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { type Answer, type DecodedPacket, decode, encode, type Question } from "dns-packet";

/** What the server knows of a name. An entry without the asked type answers NOERROR with no record. */
export type ZoneEntry = {
  readonly A?: readonly string[];
  readonly AAAA?: readonly string[];
  readonly CNAME?: string;
  readonly rcode?: keyof typeof RCODES;
  /** Of one type only, in place of `rcode`. */
  readonly rcodeOf?: Readonly<Record<string, keyof typeof RCODES>>;
  /** Swallows the query, as a firewall would. */
  readonly silent?: true;
};

export type Zone = Readonly<Record<string, ZoneEntry>>;

export type DnsServer = {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  /** Adds or replaces a name; `undefined` removes it. */
  set(name: string, entry: ZoneEntry | undefined): void;
  /** What it knows by now: for a server that answers alike but for some names. */
  zone(): Zone;
  /** The queries so far, as `TYPE name`, in order of arrival. */
  queries(): readonly string[];
  close(): Promise<void>;
};

/**
 * Starts a UDP name server that is authoritative for everything: names outside the zone do not exist. `*` is the first
 * label of a wildcard (RFC 4592).
 *
 * @param delayMs how long each answer is kept back
 */
export async function startDnsServer(zone: Zone = {}, delayMs = 0): Promise<DnsServer> {
  const entries = new Map(Object.entries(zone).map(([name, entry]) => [name.toLowerCase(), entry]));
  const queries: string[] = [];
  let open = true;
  const socket = createSocket("udp4");
  socket.on("error", () => {});
  socket.on("message", (message: Buffer, peer: RemoteInfo) => {
    const query = tryDecode(message);
    const question = query?.questions?.[0];
    if (query === undefined || question === undefined) return;
    queries.push(`${question.type} ${question.name.toLowerCase()}`);
    const reply = answer(entries, question);
    if (reply === undefined) return;
    const packet = encode({
      type: "response",
      id: query.id ?? 0,
      // RD is echoed; AA and RA are set, as a recursive server would that holds the zone itself.
      flags: 0x0480 | ((query.flags ?? 0) & 0x0100) | RCODES[reply.rcode],
      questions: [question],
      answers: reply.answers,
    });
    const send = () => {
      if (open) socket.send(packet, peer.port, peer.address);
    };
    if (delayMs === 0) send();
    else setTimeout(send, delayMs);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    address: `127.0.0.1:${socket.address().port}`,
    set(name, entry) {
      if (entry === undefined) entries.delete(name.toLowerCase());
      else entries.set(name.toLowerCase(), entry);
    },
    zone: () => Object.fromEntries(entries),
    queries: () => [...queries],
    async close() {
      if (!open) return;
      open = false;
      socket.close();
      await once(socket, "close");
    },
  };
}

type Reply = { readonly rcode: keyof typeof RCODES; readonly answers: Answer[] };

/** Follows CNAMEs inside the zone, at most eight of them; undefined means no reply at all. */
function answer(entries: ReadonlyMap<string, ZoneEntry>, question: Question): Reply | undefined {
  const answers: Answer[] = [];
  let name = question.name.toLowerCase();
  for (let hops = 0; hops <= 8; hops += 1) {
    const entry = entries.get(name) ?? entries.get(name.replace(/^[^.]*/, "*"));
    if (entry === undefined) return { rcode: "NXDOMAIN", answers };
    if (entry.silent === true) return undefined;
    const rcode = entry.rcodeOf?.[question.type ?? ""] ?? entry.rcode;
    if (rcode !== undefined) return { rcode, answers };
    if (entry.CNAME === undefined) {
      const type = question.type;
      const records =
        type === "A" || type === "AAAA" ? (entry[type] ?? []).map((data) => ({ type, name, ttl: 1, data })) : [];
      return { rcode: "NOERROR", answers: [...answers, ...records] };
    }
    answers.push({ type: "CNAME", name, ttl: 1, data: entry.CNAME });
    if (question.type === "CNAME") return { rcode: "NOERROR", answers };
    name = entry.CNAME.toLowerCase();
  }
  return { rcode: "SERVFAIL", answers: [] };
}

function tryDecode(message: Buffer): DecodedPacket | undefined {
  try {
    return decode(message);
  } catch {
    // Whatever is not DNS gets no answer.
    return undefined;
  }
}

/** RFC 1035 §4.1.1. */
const RCODES = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;
