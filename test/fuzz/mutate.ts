import { byteLimit } from "../../lambda/probe/from-the-wire.ts";

/** Numbers that are the same for the same seed everywhere (mulberry32). */
export type Random = {
  /** An integer from 0 to `below` - 1; 0 when there is none. */
  below(below: number): number;
  pick<T>(from: readonly T[]): T;
};

export function random(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  const below = (count: number) => (count <= 0 ? 0 : next() % count);
  return { below, pick: <T>(from: readonly T[]) => from[below(from.length)] as T };
}

/** One to six changes to a byte string of units that `boundaries` finds: records, or handshake messages. */
export function mutate(original: Buffer, other: Buffer, rng: Random, boundaries: Boundaries): Buffer {
  let bytes = Buffer.from(original);
  for (let left = 1 + rng.below(6); left > 0; left -= 1) {
    bytes = rng.pick(mutations)(bytes, other, rng, boundaries).subarray(0, byteLimit);
  }
  return bytes;
}

/** Where units begin, and where in a unit its length is: offset and size of the field. */
export type Boundaries = {
  readonly starts: (bytes: Buffer) => number[];
  readonly lengthAt: number;
  readonly lengthSize: number;
};

export const recordBoundaries: Boundaries = boundaries(3, 2);
export const messageBoundaries: Boundaries = boundaries(1, 3);

function boundaries(lengthAt: number, lengthSize: number): Boundaries {
  const header = lengthAt + lengthSize;
  return {
    lengthAt,
    lengthSize,
    starts(bytes) {
      const starts: number[] = [];
      for (let at = 0; at + header <= bytes.length; at += header + bytes.readUIntBE(at + lengthAt, lengthSize)) {
        starts.push(at);
      }
      return starts;
    },
  };
}

type Mutation = (bytes: Buffer<ArrayBuffer>, other: Buffer, rng: Random, units: Boundaries) => Buffer<ArrayBuffer>;

const mutations: readonly Mutation[] = [
  function flipBit(bytes, _, rng) {
    if (bytes.length === 0) return bytes;
    const at = rng.below(bytes.length);
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << rng.below(8)), at);
    return bytes;
  },
  function setByte(bytes, _, rng) {
    if (bytes.length > 0)
      bytes.writeUInt8(rng.pick([0, 1, 3, 0x30, 0x7f, 0x80, 0xff, rng.below(256)]), rng.below(bytes.length));
    return bytes;
  },
  function cut(bytes, _, rng) {
    return bytes.subarray(0, rng.below(bytes.length + 1));
  },
  function remove(bytes, _, rng) {
    const at = rng.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + rng.below(40))]);
  },
  function splice(bytes, other, rng) {
    const at = rng.below(bytes.length);
    const from = rng.below(other.length);
    return Buffer.concat([bytes.subarray(0, at), other.subarray(from, from + rng.below(2_000)), bytes.subarray(at)]);
  },
  function repeatUnit(bytes, _, rng, units) {
    const [start, end] = unit(bytes, rng, units);
    const copies = Array.from({ length: 1 + rng.below(20) }, () => bytes.subarray(start, end));
    return Buffer.concat([bytes.subarray(0, end), ...copies, bytes.subarray(end)]);
  },
  function moveUnit(bytes, _, rng, units) {
    const [start, end] = unit(bytes, rng, units);
    const moved = bytes.subarray(start, end);
    const rest = Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
    const to = rng.pick([0, rest.length, ...units.starts(rest)]);
    return Buffer.concat([rest.subarray(0, to), moved, rest.subarray(to)]);
  },
  function importUnit(bytes, other, rng, units) {
    const [start, end] = unit(other, rng, units);
    const to = rng.pick([0, bytes.length, ...units.starts(bytes)]);
    return Buffer.concat([bytes.subarray(0, to), other.subarray(start, end), bytes.subarray(to)]);
  },
  function lieAboutUnit(bytes, _, rng, units) {
    const [start, end] = unit(bytes, rng, units);
    const { lengthAt, lengthSize } = units;
    if (end - start >= lengthAt + lengthSize) lie(bytes, start + lengthAt, lengthSize, rng);
    return bytes;
  },
  function lieAnywhere(bytes, _, rng) {
    const size = 1 + rng.below(3);
    if (bytes.length >= size) lie(bytes, rng.below(bytes.length - size + 1), size, rng);
    return bytes;
  },
];

function unit(bytes: Buffer, rng: Random, { starts }: Boundaries): readonly [number, number] {
  const all = starts(bytes);
  const index = rng.below(all.length);
  return [all[index] ?? 0, all[index + 1] ?? bytes.length];
}

/** Overwrites a length field with something at the edge, or near what it was. */
function lie(bytes: Buffer, at: number, size: number, rng: Random): void {
  const most = 2 ** (8 * size) - 1;
  const truth = bytes.readUIntBE(at, size);
  const told = rng.pick([0, 1, most, most - 1, truth - 1, truth + 1, truth * 2, truth >> 1, rng.below(most)]);
  bytes.writeUIntBE(Math.min(most, Math.max(0, told)), at, size);
}
