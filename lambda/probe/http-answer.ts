/** An HTTP/1.1 answer as far as it was read. */
export type HttpAnswer = {
  readonly status: number;
  /** By name in lower case; several of one name are joined with `, ` (RFC 9110 §5.3). */
  readonly headers: ReadonlyMap<string, string>;
  /** The beginning of the body; null where none was asked for, or where it is in a coding that nobody asked for. */
  readonly body: string | null;
};

export type AnswerReading =
  | { readonly kind: "more" }
  | { readonly kind: "answer"; readonly answer: HttpAnswer }
  | { readonly kind: "invalid"; readonly problem: string };

/** Bytes of status line and headers, interim answers (1xx) included. */
const mostHeaderBytes = 16 * 1024;
const mostHeaders = 200;
/** Bytes of the body that are read; CloudFront's pages have some 900. */
const mostBodyBytes = 4 * 1024;
/** The same with the lengths of chunks between them. */
const mostChunkedBytes = 16 * 1024;

/**
 * Reads the answer to one request, strictly (RFC 9112): whatever is not exactly HTTP is none, because whoever answers
 * may be anybody. It never keeps more than its bounds.
 *
 * @param method a HEAD has no body
 */
export function answerReader(method: "HEAD" | "GET") {
  let pending: Buffer = Buffer.alloc(0);
  let headerBytes = 0;
  let head: Head | null = null;

  function readHead(): AnswerReading | null {
    const end = pending.indexOf("\r\n\r\n");
    const bytes = headerBytes + (end < 0 ? pending.length : end + 4);
    if (bytes > mostHeaderBytes) return invalid(`headers of more than ${mostHeaderBytes} bytes`);
    if (end < 0) return { kind: "more" };
    const read = headOf(pending.toString("latin1", 0, end));
    if (typeof read === "string") return invalid(read);
    headerBytes = bytes;
    pending = pending.subarray(end + 4);
    // 101 would mean that another protocol follows, which nobody asked for.
    if (read.status === 101) return invalid("a change of protocol");
    if (read.status >= 200) head = read;
    return null;
  }

  function reading(ended: boolean): AnswerReading {
    while (head === null) {
      const read = readHead();
      if (read?.kind === "more" && ended) return invalid("an answer that ends in its headers");
      if (read !== null) return read;
    }
    return readBody(method, head, pending, ended);
  }

  return {
    /** Takes what has arrived; asks for more until there is an answer. Nothing is to be given to it after that. */
    push(chunk: Buffer): AnswerReading {
      pending = Buffer.concat([pending, chunk]);
      return reading(false);
    },
    /** The other side has ended: what there is now is all. */
    end: () => reading(true),
  };
}

type Head = Pick<HttpAnswer, "status" | "headers">;

/** Reads status line and headers, or says what is wrong with them. */
function headOf(text: string): Head | string {
  const [first = "", ...lines] = text.split("\r\n");
  const status = /^HTTP\/1\.[01] ([1-5]\d\d)(?: [\t -~\x80-\xff]*)?$/.exec(first)?.[1];
  if (status === undefined) return "no status line of HTTP/1.1";
  if (lines.length > mostHeaders) return `more than ${mostHeaders} headers`;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+\-.^_`|~\dA-Za-z]+):[\t ]*([\t -~\x80-\xff]*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return "a header that is none";
    const key = name.toLowerCase();
    const known = headers.get(key);
    headers.set(key, known === undefined ? value.trimEnd() : `${known}, ${value.trimEnd()}`);
  }
  return { status: Number(status), headers };
}

function readBody(method: "HEAD" | "GET", { status, headers }: Head, bytes: Buffer, ended: boolean): AnswerReading {
  const answer = (body: string | null): AnswerReading => ({ kind: "answer", answer: { status, headers, body } });
  if (method === "HEAD") return answer(null);
  if (status === 204 || status === 304) return answer("");
  const [length, coding] = [headers.get("content-length"), headers.get("transfer-encoding")];
  if (length !== undefined && (coding !== undefined || !/^\d{1,15}$/.test(length))) return invalid("an unclear length");
  if (coding !== undefined && coding.toLowerCase() !== "chunked") return invalid("an unknown transfer coding");
  const { body, isWhole } = coding === undefined ? plain(bytes, length) : unchunked(bytes);
  if (body === null) return invalid("a chunk that is none");
  if (!isWhole && !ended && body.length < mostBodyBytes) return { kind: "more" };
  const isReadable = ["", "identity"].includes(headers.get("content-encoding")?.toLowerCase() ?? "");
  return answer(isReadable ? body.toString("utf8", 0, mostBodyBytes) : null);
}

type Body = { readonly body: Buffer | null; readonly isWhole: boolean };

function plain(bytes: Buffer, length: string | undefined): Body {
  const whole = length === undefined ? Number.POSITIVE_INFINITY : Number(length);
  return { body: bytes.subarray(0, Math.min(whole, bytes.length)), isWhole: bytes.length >= whole };
}

/** The chunks that have arrived (RFC 9112 §7.1), without their extensions; null where one of them is none. */
function unchunked(bytes: Buffer): Body {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf("\r\n", at);
    if (end < 0) break;
    const size = /^([\da-fA-F]{1,8})(?:;[\t -~]*)?$/.exec(bytes.toString("latin1", at, end))?.[1];
    if (size === undefined) return { body: null, isWhole: true };
    const length = Number.parseInt(size, 16);
    if (length === 0) return { body: Buffer.concat(chunks), isWhole: true };
    chunks.push(bytes.subarray(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
    if (at > bytes.length) break;
  }
  return { body: Buffer.concat(chunks), isWhole: bytes.length > mostChunkedBytes };
}

function invalid(problem: string): AnswerReading {
  return { kind: "invalid", problem };
}
